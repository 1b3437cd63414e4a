import { expect, test } from 'vitest';
import { randomFrom } from '../../src/sandbox/generate/random.ts';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import { ModelRun, type Subject } from './model-run.ts';
import { createRig, type Rig } from './rig.ts';

const RUNS = Number(process.env.DB_RUNS ?? 300);
const SEED = Number(process.env.DB_SEED ?? Math.floor(Math.random() * 1e9));
const BATCH = 100;
const ROUNDS = 6;

test.each(Array.from({ length: Math.ceil(RUNS / BATCH) }, (_, batch) => batch))(
  `L14 model run on the database and the sandbox, batch %i: access is there exactly while a grant is active`,
  { timeout: 240_000 },
  async (batch) => {
    const seed = SEED + batch;
    const size = Math.min(BATCH, RUNS - batch * BATCH);
    const rig = await createRig({
      organization: generateOrganization({ seed, accounts: 60, permissionSets: 100, users: 200, groups: 5 }),
    });
    const run = new ModelRun(rig, tuplesOf(rig, size), randomFrom(seed));
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        await run.round();
        await expectOwed(rig, run);
      }
      await settle(rig, run);
    } catch (error) {
      const again = `DB_SEED=${SEED} DB_RUNS=${RUNS} npx vitest run ${import.meta.filename}`;
      throw new Error(`The model run failed in batch ${batch}. Once more: ${again}`, { cause: error });
    }
  },
);

/** Calm, with access for everyone; then all of it over. */
async function settle(rig: Rig, run: ModelRun): Promise<void> {
  run.calm();
  await run.pass(61);
  for (const subject of run.subjects) await run.open(subject, { durationMinutes: 120 });
  let statuses = await statusesOf(rig);
  const waiting = () => run.subjects.filter(({ grants }) => statuses.get(grants.at(-1)!.id) !== 'active');
  for (let tries = 0; tries < 20 && waiting().length > 0; tries += 1) {
    await run.work();
    await run.pass(15);
    statuses = await statusesOf(rig);
  }
  expect(waiting().map(({ done }) => done)).toEqual([]);
  expect(run.subjects.filter(({ tuple }) => !rig.sandbox.assignments.has(tuple)).map(({ done }) => done)).toEqual([]);

  await run.pass(150 * 60);
  for (const seconds of [
    ...Array(12).fill(30),
    ...Array(12).fill(120),
    ...Array(10).fill(600),
    ...Array(4).fill(1_800),
  ]) {
    await run.work();
    await run.pass(seconds);
  }
  await expectSettled(rig, run);
}

async function expectSettled(rig: Rig, run: ModelRun): Promise<void> {
  const wrong = ({ tuple, standing }: Subject) => rig.sandbox.assignments.has(tuple) !== standing;
  expect(run.subjects.filter(wrong)).toEqual([]);
  const statuses = await statusesOf(rig);
  expect([...statuses.values()].filter((status) => !['ended', 'revoked', 'failed'].includes(status))).toEqual([]);
  expect(
    await rows(
      rig,
      `select * from assignments where lease_holder is not null or next_at is not null
    or must_be_gone_by is not null or ownership = 'ours' or reread_from is not null`,
    ),
  ).toEqual([]);
  expect(
    await rows(
      rig,
      `select o.* from assignment_operations o where not exists (
    select from audit_events e where e.subject_id = o.assignment_id::text and e.after ->> 'operationId' = o.id::text
      and e.kind = 'assignment.' || o.kind || '-' || replace(o.outcome, '_', '-'))`,
    ),
  ).toEqual([]);
  expect(
    await rows(
      rig,
      `select g.* from grants g where not exists (
    select from audit_events e where e.subject_id = g.id::text and e.kind = 'grant.' || g.status)`,
    ),
  ).toEqual([]);
  expect(await rows(rig, `select * from assignment_operations where outcome in ('intended', 'in_progress')`)).toEqual(
    [],
  );
  // Enough happened for all of this to mean something.
  const operations = await rows(rig, 'select id from assignment_operations');
  expect(operations.length).toBeGreaterThan(run.subjects.length);
}

/** What stands at AWS because we asked for it is known to be ours, and owed. */
async function expectOwed(rig: Rig, run: ModelRun): Promise<void> {
  const known = await rows(
    rig,
    `select principal_id, target_id, permission_set_arn from assignments
    where ownership = 'ours' and must_be_gone_by >= coalesce((
      select max(latest_end) from grants g where g.assignment_id = assignments.id and g.status = 'active'), '-infinity')`,
  );
  const keys = new Set(known.map((row) => [row.principal_id, row.target_id, row.permission_set_arn].join()));
  const forgotten = run.subjects.filter(({ tuple, standing }) => {
    const key = [tuple.principalId, tuple.accountId, tuple.permissionSetArn].join();
    return !standing && rig.sandbox.assignments.has(tuple) && !keys.has(key);
  });
  expect(forgotten).toEqual([]);
  expect(run.subjects.filter(({ tuple, standing }) => standing && !rig.sandbox.assignments.has(tuple))).toEqual([]);
}

/** Assignments that nobody has, three in an account, so that writes of one stand in the way of another now and then. */
function tuplesOf({ sandbox: { organization } }: Rig, size: number): Subject['tuple'][] {
  const accounts = organization.accounts.filter(
    ({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId,
  );
  return Array.from({ length: size }, (_, index) => ({
    accountId: accounts[Math.floor(index / 3)]!.id,
    permissionSetArn: organization.permissionSets[index % 5]!.arn,
    principalType: 'USER' as const,
    principalId: organization.users[index]!.id,
  }));
}

async function statusesOf(rig: Rig): Promise<Map<string, string>> {
  return new Map((await rows(rig, 'select id, status from grants')).map(({ id = '', status = '' }) => [id, status]));
}

async function rows(rig: Rig, sql: string): Promise<Record<string, string>[]> {
  return (await rig.platform.db.pool.query<Record<string, string>>(sql)).rows;
}
