import { expect, test } from 'vitest';
import { readAttention, readPromises } from '../../src/access/index.ts';
import { createRig, type Rig } from '../access/rig.ts';

/** The smallest of the figures that at least this share of them does not exceed. */
function nearestRank(figures: number[], share: number): number {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

interface Past {
  daysAgo: number;
  /** In which words. */
  refused: string;
  basis: string;
  preexisting: boolean;
  continuedBy: string;
}

test('the promises of 30 days are what counting by hand gives, without what would lie', async () => {
  const rig = await createRig();
  const { pool } = rig.platform.db;
  const granted: number[] = [];
  const asked: number[] = [];
  const gone: number[] = [];
  const template = await rig.open();
  // The rows are written as an earlier month left them.
  await pool.query('alter table grants disable trigger all; alter table assignment_operations disable trigger all');
  await pool.query(`update grants set status = 'failed', failure = 'template'`);
  const past = async (n: number, more: Partial<Past> = {}) => {
    const [toGrant, toAsk, toGone] = [(n * 7919) % 9_001, (n * 104_729) % 4_001, 5_000 + ((n * 1_299_709) % 60_001)];
    const { daysAgo = n % 30, refused = null, basis = 'approval', preexisting = false, continuedBy = null } = more;
    const { rows } = await pool.query(
      `with a as (
         insert into assignments (instance_arn, principal_id, target_id, permission_set_arn)
         select instance_arn, principal_id || $1, target_id, permission_set_arn from assignments where id = $2 returning *
       ), g as (
         insert into grants (assignment_id, basis, status, user_id, account_id, permission_set_arn, user_display_name,
           user_name, account_name, ou_path, permission_set_name, session_seconds, duration_minutes, opens_at, latest_end,
           activated_at, closes_at, end_due_at, end_cause, ended_at,
           preexisting, continued_by)
         select a.id, $8, 'ended', a.principal_id, a.target_id, a.permission_set_arn, 'x', 'x', 'x', 'x', 'x', 3600,
           60, o.at, o.at + interval '2 hours', o.at + $4 * interval '1 ms', o.at + interval '1 hour',
           o.at + interval '1 hour', 'time', o.at + interval '1 hour' + $6 * interval '1 ms', $9, $10::uuid
         from a, (select app_now() - $3 * interval '1 day' - interval '2 hours' as at) o returning *
       )
       insert into assignment_operations (assignment_id, kind, fence, intended_at, asked_at, effective_until, outcome, reason)
       select g.assignment_id, 'delete', 1, g.end_due_at + $5 * interval '1 ms', g.end_due_at + $5 * interval '1 ms',
         g.end_due_at, case when $7::text is null then 'succeeded' else 'refused' end, $7 from g returning id`,
      [`-${n}`, template.assignmentId, daysAgo, toGrant, toAsk, toGone, refused, basis, preexisting, continuedBy],
    );
    expect(rows).toHaveLength(1);
    return { toGrant, toAsk, toGone };
  };
  for (let n = 1; n <= 150; n++) {
    const { toGrant, toAsk, toGone } = await past(n);
    granted.push(toGrant);
    asked.push(toAsk);
    gone.push(toGone);
  }
  // What would lie: it was there before, was taken over, is too old, goes on through another, or nothing was asked.
  const { toAsk, toGone } = await past(201, { preexisting: true });
  asked.push(toAsk);
  gone.push(toGone);
  const adopted = await past(202, { basis: 'adopted' });
  asked.push(adopted.toAsk);
  gone.push(adopted.toGone);
  await past(203, { daysAgo: 31 });
  const continued = await past(204, { continuedBy: template.id });
  granted.push(continued.toGrant);
  // That AWS refused is an answer; what never reached it was not asked.
  const refused = await past(205, { refused: 'AccessDeniedException' });
  granted.push(refused.toGrant);
  asked.push(refused.toAsk);
  gone.push(refused.toGone);
  const never = await past(206, { refused: 'connect ECONNREFUSED 127.0.0.1:443' });
  granted.push(never.toGrant);

  const promises = await readPromises(rig.platform.db.prisma);
  for (const [name, figures] of Object.entries({ grant: granted, asked, gone })) {
    expect({ name, ...promises[name as 'grant'] }).toEqual({
      name,
      count: figures.length,
      p50: nearestRank(figures, 0.5),
      p99: nearestRank(figures, 0.99),
      worst: Math.max(...figures),
    });
  }
}, 60_000);

test('what is due and not gone yet counts with its lateness so far', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  await rig.reaches(grant, 'active');
  rig.sandbox.faults.outage = true;
  await rig.database.advance({ minutes: 65 });
  await rig.converger.converge(grant.assignmentId);
  const { asked, gone } = await readPromises(rig.platform.db.prisma);
  expect([asked.count, gone.count]).toEqual([1, 1]);
  expect(Math.floor(gone.worst! / 60_000)).toBe(5);
});

test('F04 AWS outage at expiry, in a small form: nothing is lost, the figures say overdue, and all is cleared', async () => {
  const rig = await createRig();
  const accounts = rig.sandbox.organization.accounts
    .filter(({ id, state }) => state === 'ACTIVE' && id !== rig.sandbox.organization.managementAccountId)
    .slice(0, 5);
  const grants = [];
  for (const { id } of accounts) {
    const grant = await rig.open({ accountId: id });
    grants.push(grant);
    await until(rig, grant.assignmentId, async () => (await rig.grant(grant)).status === 'active');
  }
  rig.sandbox.faults.outage = true;
  await rig.database.advance({ minutes: 65 });
  for (const { assignmentId } of grants) await rig.converger.converge(assignmentId);
  const during = await readAttention(rig.platform.db.prisma);
  expect([during.overdue, Math.floor((during.now.getTime() - during.oldestDueAt!.getTime()) / 60_000)]).toEqual([5, 5]);

  rig.sandbox.faults.outage = false;
  await rig.database.advance({ minutes: 3 });
  for (const grant of grants)
    await until(rig, grant.assignmentId, async () => (await rig.grant(grant)).status === 'ended');
  expect(await readAttention(rig.platform.db.prisma)).toMatchObject({ overdue: 0, oldestDueAt: null, leftBehind: 0 });
  const text = await rig.platform.metrics.metrics();
  expect(text).toContain('latchkey_grant_seconds_count 5');
  expect(text).toContain('latchkey_revoke_lateness_seconds_count 5');
  // Each was asked only after more than five minutes.
  expect(text).toContain('latchkey_revoke_lateness_seconds_bucket{le="300"} 0');
  expect(text).toContain('latchkey_revoke_done_seconds_count 5');
}, 60_000);

async function until({ converger }: Rig, id: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('It did not come about within 20 seconds.');
    await converger.converge(id);
  }
}
