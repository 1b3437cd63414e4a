import { expect, test } from 'vitest';
import type { Grant } from '../../src/access/index.ts';
import { createProvisioner } from '../../src/access/provisioner.ts';
import { createStatuses, type StatusPage } from '../../src/access/statuses.ts';
import { createRig } from './rig.ts';

const NEVER = new AbortController().signal;
const OLD = 60_000;

/** A list that has what is in `pages`, one array a page, and counts how often it is read. */
function listOf(pages: string[][], patienceMs = 0) {
  const list = { pages, reads: 0, fails: false, busy: false, askedWhetherBusy: 0, gate: Promise.resolve() };
  const statuses = createStatuses(
    {
      take: async () => {},
      busy: () => {
        list.askedWhetherBusy += 1;
        return list.busy;
      },
      page: async (_instance, _kind, from): Promise<StatusPage> => {
        if (list.fails) throw new Error('AWS is away');
        list.reads += 1;
        await list.gate;
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

test('the statuses of many deletes are read in lists, and all of them are confirmed', async () => {
  const rig = await createRig();
  const { calls, faults, organization } = rig.sandbox;
  const active = organization.accounts.filter(
    ({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId,
  );
  const grants: Grant[] = [];
  for (const { id } of active.slice(0, 8)) grants.push(await rig.open({ accountId: id }));
  const lookAfter = () => {
    for (const { assignmentId } of grants) rig.converger.wake(assignmentId, 'take');
  };
  const all = async (status: Grant['status']) => {
    const left = (await Promise.all(grants.map(rig.grant))).filter((grant) => grant.status !== status);
    for (const { assignmentId } of left) rig.converger.wake(assignmentId, 'take');
    return left.length === 0;
  };
  await expect.poll(() => all('active'), { timeout: 40_000 }).toBe(true);
  // Sooner, a list that shows nothing may show what was before the create, and each would be asked for alone.
  await rig.database.advance({ minutes: 1 });

  faults.stuck = true;
  for (const grant of grants) await rig.end(grant);
  lookAfter();
  await expect.poll(() => calls.count('DeleteAccountAssignment'), { timeout: 40_000 }).toBe(8);
  const lists = calls.count('ListAccountAssignmentDeletionStatus');
  await expect
    .poll(() => calls.count('ListAccountAssignmentDeletionStatus'), { timeout: 40_000 })
    .toBeGreaterThan(lists + 1);
  calls.clear();
  faults.stuck = false;
  await expect.poll(() => all('revoked'), { timeout: 40_000 }).toBe(true);
  // The last one or two may find nobody else who waits.
  expect(calls.count('DescribeAccountAssignmentDeletionStatus')).toBeLessThanOrEqual(2);
  expect(calls.count('ListAccountAssignmentDeletionStatus')).toBeGreaterThan(0);
});

test('who asks again while a list is being read is told by that list', async () => {
  const { list, ask } = listOf([[]]);
  for (const id of ['a', 'b']) await ask(id);
  let open = () => {};
  list.gate = new Promise((resolve) => {
    open = resolve;
  });
  const leaving = new AbortController();
  const first = ask('c', OLD, leaving.signal);
  const other = ask('d');
  await expect.poll(() => list.reads).toBe(1);
  leaving.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  const again = ask('c');
  open();
  expect(await Promise.all([again, other])).toEqual(['OVER', 'OVER']);
  expect(list.reads).toBe(1);
});

test('where tokens are short, the next list waits; once they no longer are, it is read', async () => {
  const { list, ask } = listOf([['a', 'b', 'c']], 60_000);
  list.busy = true;
  for (const id of ['a', 'b']) await ask(id);
  const over = ask('c');
  await expect.poll(() => list.reads).toBe(1);
  list.pages = [[]];
  const asked = list.askedWhetherBusy;
  await expect.poll(() => list.askedWhetherBusy).toBeGreaterThan(asked);
  // It would have been read then.
  expect(list.reads).toBe(1);
  list.busy = false;
  expect(await over).toBe('OVER');
  expect(list.reads).toBe(2);
});

test('one status that waits for its token is read with others once there are some', async () => {
  const rig = await createRig({ delayMs: 0 });
  const { organization, calls, faults } = rig.sandbox;
  const active = organization.accounts.filter(
    ({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId,
  );
  const never = (signal?: AbortSignal) =>
    new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
  const provisioner = createProvisioner({
    aws: rig.platform.aws,
    budget: {
      take: (_family, priority, signal) => (priority === 'poll' ? never(signal) : Promise.resolve()),
      waiting: () => 0,
    },
  });
  const { principalType, principalId, permissionSetArn } = rig.tuple;
  const { instanceArn } = organization;
  // The third is under way for long, so that there are three for all that time.
  faults.stuck = { accountId: active[2]!.id };
  const statuses = active.slice(0, 3).map(async ({ id }) => {
    const key = { instanceArn, principalType, principalId, permissionSetArn, targetId: id };
    const { awsRequestId } = await provisioner.create(key);
    const asked = { kind: 'create', awsRequestId: awsRequestId!, ageMs: OLD, alone: false } as const;
    return (await provisioner.status(key, asked, 'poll', NEVER)).status;
  });
  expect(await Promise.all(statuses)).toEqual(['OVER', 'OVER', 'IN_PROGRESS']);
  expect(calls.count('DescribeAccountAssignmentCreationStatus')).toBe(0);
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
