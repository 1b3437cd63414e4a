import { expect, test } from 'vitest';
import { decideFinding } from '../../src/drift/index.ts';
import { DEMO_ACCOUNTS } from '../../src/sandbox/demo-organization.ts';
import { createTestPlatform } from '../support/platform.ts';
import { runToEnd } from '../support/process.ts';
import { ACCESS, approve, ask, createEstate, type Estate } from './estate.ts';

const PATIENT = { timeout: 60_000, interval: 200 };
const DEVELOPMENT = DEMO_ACCOUNTS['payments-dev'] ?? '';
const IN_DEVELOPMENT = { ...ACCESS, accountId: DEVELOPMENT };
const ADMIN = { kind: 'user' as const, id: 'ada', name: 'Ada', via: 'web' };

async function rows<T extends object>(estate: Estate, query: string): Promise<T[]> {
  return (await estate.database.db.pool.query<T>(query)).rows;
}

/** Time goes by, for the identity provider too. */
async function pass(estate: Estate, minutes: number, alone = false): Promise<void> {
  await estate.database.advance({ minutes, alone });
  estate.sandbox.faults.clockOffsetMs += minutes * 60_000;
}

/** Lena may do something without anybody else: approved by Priya, and confirmed by AWS. */
async function give(estate: Estate, more: Record<string, string>): Promise<string> {
  const [lena, priya] = await Promise.all([estate.signIn('requester'), estate.signIn('approver')]);
  const id = await ask(lena, more);
  await approve(priya, id);
  return id;
}

test('F11 restore: an hour-old backup is declared; what is due goes, nothing is given or deleted blindly, and an administrator adopts what is unknown before it goes on', async () => {
  await using estate = await createEstate();
  const { sandbox, database } = estate;
  const before = await estate.start();
  await estate.furnish();
  const lenaBefore = await estate.signIn('requester');

  // As the backup has it: access for half an hour, and a promise that is to open in 40 minutes.
  const short = await give(estate, { durationMinutes: '30' });
  await expect.poll(() => estate.statusOf(lenaBefore, short), PATIENT).toBe('active');
  const startsAt = `${new Date(Date.now() + 40 * 60_000).toISOString().slice(0, 16)}Z`;
  const later = await give(estate, { durationMinutes: '60', startsAt });
  await expect.poll(() => estate.statusOf(lenaBefore, later), PATIENT).toBe('scheduled');
  const backup = await database.backup();

  // The hour that the backup does not know: something is given, and the short access goes.
  const unknown = await give(estate, { durationMinutes: '120', accountId: DEVELOPMENT });
  await expect.poll(() => estate.statusOf(lenaBefore, unknown), PATIENT).toBe('active');
  await pass(estate, 33);
  await sandbox.assignments.waitFor(ACCESS, 'absent', 60_000);
  await before[Symbol.asyncDispose]();
  const standing = sandbox.assignments.list().filter((each) => each.principalId !== ACCESS.principalId);
  await backup.restore();
  await database.advance({ minutes: 60, alone: true });
  sandbox.faults.clockOffsetMs = 60 * 60_000;
  const creates = sandbox.calls.count('CreateAccountAssignment');
  // What is due may be deleted once more, though it is gone; of anything else nobody knows enough.
  const deletesElsewhere = () =>
    sandbox.calls.count('DeleteAccountAssignment', ({ input }) => input.TargetId !== ACCESS.accountId);
  const deletes = deletesElsewhere();

  const declared = await runToEnd(['restored', '--yes'], estate.environment);
  expect(declared).toMatchObject({ code: 0, stdout: expect.stringContaining(`${estate.url}/admin/restore`) });
  expect(await rows(estate, 'select id_hash from sessions union all select id from sign_in_requests')).toEqual([]);

  await using _after = await estate.start();
  // Who was signed in is not any more.
  expect((await lenaBefore.get('/requests')).statusCode).toBe(302);
  const [lena, ada] = await Promise.all([estate.signIn('requester'), estate.signIn('admin')]);
  expect((await lena.get('/')).body).toContain('Latchkey was restored from a backup');
  // What was due meanwhile is done with; AWS has it no more, so there is nothing to delete.
  await expect
    .poll(async () => {
      await pass(estate, 1);
      return estate.statusOf(lena, short);
    }, PATIENT)
    .toBe('ended');
  await expect.poll(() => estate.statusOf(lena, later), PATIENT).toBe('activating');

  const early = await ada.post('/admin/restore', await goOn(estate));
  expect(early.statusCode).toBe(409);
  expect(early.body).toContain('compared with AWS');
  await expect
    .poll(async () => (await ada.get('/admin/restore')).body, { ...PATIENT, timeout: 150_000 })
    .toContain('Everything was compared');
  // Everything that was found is reported, and left alone.
  const list = (await ada.get('/admin/restore')).body;
  expect(list).toMatch(/data-finding="[^"]+"[\s\S]*?Lena[\s\S]*?payments-dev/);
  expect(sandbox.assignments.has(IN_DEVELOPMENT)).toBe(true);
  expect(sandbox.calls.count('CreateAccountAssignment')).toBe(creates);
  expect(deletesElsewhere()).toBe(deletes);
  expect(sandbox.assignments.has(ACCESS)).toBe(false);

  // The administrator takes over what is unknown, and goes on.
  const [finding] = await rows<{ id: string }>(
    estate,
    `select id from drift_findings where state = 'open' and kind = 'unknown'
       and account_id = '${DEVELOPMENT}' and principal_id = '${ACCESS.principalId}'`,
  );
  await using platform = createTestPlatform(database, sandbox);
  await decideFinding(
    platform,
    { findingId: finding?.id ?? '', seenAs: 'open', verdict: 'adopt', reason: 'R-3 of before', durationMinutes: 30 },
    ADMIN,
  );
  expect((await ada.post('/admin/restore', await goOn(estate))).statusCode).toBe(303);
  await expect.poll(() => estate.statusOf(lena, later), PATIENT).toBe('active');
  expect(sandbox.assignments.has(ACCESS)).toBe(true);
  expect(sandbox.calls.count('CreateAccountAssignment')).toBe(creates + 1);
  expect((await lena.get('/')).body).not.toContain('Latchkey was restored from a backup');

  // What was adopted ends; what others made stays.
  await expect
    .poll(() => rows(estate, `select status from grants where basis = 'adopted'`), PATIENT)
    .toEqual([{ status: 'active' }]);
  await pass(estate, 31);
  await sandbox.assignments.waitFor(IN_DEVELOPMENT, 'absent', 60_000);
  for (const each of standing) expect(sandbox.assignments.has(each)).toBe(true);
  expect(
    (await rows<{ kind: string }>(estate, `select kind from audit_events where kind like 'access.%' order by id`)).map(
      ({ kind }) => kind,
    ),
  ).toEqual(expect.arrayContaining(['access.restored', 'access.silence', 'access.restore-reviewed']));
}, 400_000);

async function goOn(estate: Estate): Promise<Record<string, string>> {
  const [state] = await rows<{ at: Date }>(estate, 'select restored_at as at from access_state');
  return { restoredAt: state?.at.toISOString() ?? '', confirmation: 'GO ON', reason: 'Looked at all of it.' };
}
