import { expect, test } from 'vitest';
import type { Grant } from '../../src/access/index.ts';
import { createStatuses, type StatusPage } from '../../src/access/statuses.ts';
import { createRig } from './rig.ts';

const NEVER = new AbortController().signal;
const OLD = 60_000;

/** A list that has what is in `pages`, one array a page, and counts how often it is read. */
function listOf(pages: string[][], patienceMs = 0) {
  const list = { pages, reads: 0, fails: false };
  const statuses = createStatuses(
    {
      take: async () => {},
      page: async (_instance, _kind, from): Promise<StatusPage> => {
        if (list.fails) throw new Error('AWS is away');
        list.reads += 1;
        const index = Number(from ?? 0);
        return {
          awsRequestIds: list.pages[index] ?? [],
          next: index + 1 < list.pages.length ? `${index + 1}` : undefined,
        };
      },
    },
    patienceMs,
  );
  const ask = (awsRequestId: string, ageMs = OLD, signal = NEVER) =>
    statuses.among('instance', { kind: 'create', awsRequestId, ageMs }, signal);
  return { list, ask, statuses };
}

test('one or two are asked for alone; many are read in one list of all its pages', async () => {
  const { list, ask } = listOf([['a'], [], ['b']]);
  expect([await ask('a'), await ask('b')]).toEqual([null, null]);
  expect(list.reads).toBe(0);
  expect(await Promise.all(['c', 'a', 'b'].map((id) => ask(id)))).toEqual(['OVER', 'IN_PROGRESS', 'IN_PROGRESS']);
  expect(list.reads).toBe(3);
});

test('what was asked for a moment ago may not be listed yet; what was listed before and no longer is, is over', async () => {
  const { list, ask } = listOf([['d']]);
  const first = await Promise.all([ask('a', 0), ask('b', 0), ask('c', 0), ask('d', 0)]);
  expect(first).toEqual([null, null, 'IN_PROGRESS', 'IN_PROGRESS']);
  list.pages = [[]];
  // However young: the pause between two lists is none of its age.
  const young = -OLD;
  const second = await Promise.all([ask('c', OLD), ask('d', young), ask('e', young)]);
  expect(second).toEqual(['OVER', 'OVER', 'IN_PROGRESS']);
});

test('a list that fails fails only for those who waited for it, and who leaves is not waited for', async () => {
  const { list, ask, statuses } = listOf([[]]);
  await Promise.all([ask('a'), ask('b'), ask('c', 0)]);
  list.fails = true;
  const leaving = new AbortController();
  const left = ask('a', OLD, leaving.signal);
  const failed = Promise.allSettled([ask('c'), ask('b'), ask('d')]);
  leaving.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  list.fails = false;
  expect(await Promise.all([ask('b'), ask('c')])).toEqual(['OVER', 'OVER']);
  // What is over no longer makes a list worth its while.
  statuses.forget('instance', 'create', 'a');
  expect(await ask('d')).toBeNull();
});

test('who waits among many is told once it is over, without asking again', async () => {
  const { list, ask } = listOf([['c']], 60_000);
  let told = '';
  const asked = [ask('a'), ask('b'), ask('c')];
  void asked[2]?.then((status) => {
    told = `${status} after ${list.reads}`;
  });
  await expect.poll(() => list.reads).toBe(1);
  list.pages = [[]];
  await expect.poll(() => told, { timeout: 10_000 }).toBe('OVER after 2');
});

test('the statuses of many deletes cost AWS a few lists, and all of them are confirmed', async () => {
  const rig = await createRig({ delayMs: 300 });
  const { accounts, managementAccountId } = rig.sandbox.organization;
  const active = accounts.filter(({ id, state }) => state === 'ACTIVE' && id !== managementAccountId).slice(0, 8);
  const grants: Grant[] = [];
  for (const { id } of active) grants.push(await rig.open({ accountId: id }));
  const looksAfter = async (status: string) => {
    for (const { assignmentId } of grants) rig.converger.wake(assignmentId, 'take');
    await expect
      .poll(async () => (await Promise.all(grants.map(rig.grant))).map((grant) => grant.status), { timeout: 40_000 })
      .toEqual(grants.map(() => status));
  };
  await looksAfter('active');
  rig.sandbox.calls.clear();
  for (const grant of grants) await rig.end(grant);
  await looksAfter('revoked');

  const { calls } = rig.sandbox;
  expect(calls.count('DeleteAccountAssignment')).toBe(8);
  // The first two to ask see nobody else who waits, and ask alone.
  expect(calls.count('DescribeAccountAssignmentDeletionStatus')).toBeLessThanOrEqual(4);
  expect(calls.count('ListAccountAssignmentDeletionStatus')).toBeLessThanOrEqual(4);
});

test('a role that may not list statuses asks for each of them', async () => {
  const rig = await createRig({ delayMs: 300 });
  const { calls, faults, organization } = rig.sandbox;
  faults.forbiddenOperations = ['ListAccountAssignmentCreationStatus', 'ListAccountAssignmentDeletionStatus'];
  const active = organization.accounts.filter(
    ({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId,
  );
  const grants: Grant[] = [];
  for (const { id } of active.slice(0, 6)) grants.push(await rig.open({ accountId: id }));
  for (const { assignmentId } of grants) rig.converger.wake(assignmentId, 'give');
  await expect
    .poll(async () => (await Promise.all(grants.map(rig.grant))).map((grant) => grant.status), { timeout: 40_000 })
    .toEqual(grants.map(() => 'active'));
  expect(calls.count('ListAccountAssignmentCreationStatus')).toBe(1);
});
