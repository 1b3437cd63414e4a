import { expect, test } from 'vitest';
import { ACCESS, approve, ask, createEstate, form } from './estate.ts';

const PATIENT = { timeout: 40_000, interval: 100 };
const ROWS = 5_000;

test('F09 SIGTERM mid-work: during sign-ins, decisions, a grant at AWS and an export, nothing is lost and nothing done twice', async () => {
  await using estate = await createEstate();
  const { sandbox, database } = estate;
  const first = await estate.start({ LOG_LEVEL: 'warn' });
  await estate.furnish();
  const [lena, priya, auditor] = await Promise.all([
    estate.signIn('requester'),
    estate.signIn('approver'),
    estate.signIn('auditor'),
  ]);
  sandbox.faults.stuck = true;
  const underWay = await ask(lena);
  await approve(priya, underWay);
  await expect.poll(() => sandbox.calls.count('DescribeAccountAssignmentCreationStatus'), PATIENT).toBeGreaterThan(0);
  const waiting: string[] = [];
  for (let each = 0; each < 6; each += 1) waiting.push(await ask(lena, { durationMinutes: String(16 + each) }));
  const exported = await manyRows();

  // Everything at once, and the signal in the middle of it.
  sandbox.faults.slowMs = 150;
  const decisions = waiting.map((id) => priya.post(`/requests/${id}/approval`, { version: '1', comment: 'Go.' }));
  const sent = [form(), form(), form()].map((each) => lena.post('/requests', each));
  const signIns = (['secondApprover', 'admin'] as const).map((who) => estate.signIn(who));
  const csv = auditor.get('/audit/access.csv');
  const all = Promise.allSettled([...decisions, ...sent, ...signIns, csv]);
  await new Promise((resolve) => setTimeout(resolve, 60));
  first.child.kill('SIGTERM');
  const limit = AbortSignal.timeout(25_000);
  limit.onabort = () => first.child.kill('SIGKILL');
  expect(await first.exited, first.output()).toBe(0);
  await all;
  sandbox.faults.slowMs = 0;
  sandbox.faults.stuck = false;

  // Whoever was told that it is done finds it done.
  const told = await Promise.allSettled(decisions);
  for (const [index, each] of told.entries()) {
    if (each.status !== 'fulfilled' || each.value.statusCode !== 303) continue;
    expect(await count(`decisions where request_id = '${waiting[index]}'`)).toBe(1);
  }
  for (const each of await Promise.allSettled(sent)) {
    if (each.status !== 'fulfilled' || each.value.statusCode !== 303) continue;
    const id = String(each.value.headers.location).split('/').at(-1);
    expect(await count(`requests where id = '${id}'`)).toBe(1);
  }
  const [export_] = await Promise.allSettled([csv]);
  // An export is whole, or breaks off for everybody to see.
  if (export_.status === 'fulfilled' && export_.value.statusCode === 200) {
    expect(export_.value.body.trimEnd().split('\r\n')).toHaveLength(exported + 1);
  }
  expect(await count('(select request_id from decisions group by request_id having count(*) > 1) twice')).toBe(0);

  await using _second = await estate.start();
  await sandbox.assignments.waitFor(ACCESS, 'present', 30_000);
  await expect.poll(() => count(`grants where request_id = '${underWay}' and status = 'active'`), PATIENT).toBe(1);
  const added = sandbox.assignments.history.list().filter(({ change }) => change === 'added');
  expect(added).toHaveLength(1);

  async function count(what: string): Promise<number> {
    const { rows } = await database.db.pool.query<{ count: number }>(`select count(*)::int as count from ${what}`);
    return rows[0]?.count ?? -1;
  }

  /** So many ended grants that an export takes a while; gives how many rows it has. */
  async function manyRows(): Promise<number> {
    await database.db.pool.query(
      `insert into grants (assignment_id, basis, status, user_id, account_id, permission_set_arn, user_display_name, user_name,
         account_name, ou_path, permission_set_name, session_seconds, duration_minutes, opens_at, latest_end, activated_at,
         closes_at, end_cause, end_due_at, ended_at, announced)
       select a.id, 'adopted', 'ended', a.principal_id, a.target_id, a.permission_set_arn, 'Lena Fischer', 'lena.fischer', 'payments-prod',
         'Root', 'PowerUser', 3600, 60, app_now() - interval '3 hours', app_now() - interval '1 hour', app_now() - interval '3 hours',
         app_now() - interval '2 hours', 'time', app_now() - interval '2 hours', app_now() - interval '2 hours', 'ended'
       from assignments a, generate_series(1, $1) limit $1`,
      [ROWS],
    );
    return (await auditor.get('/audit/access.csv')).body.trimEnd().split('\r\n').length - 1;
  }
}, 150_000);
