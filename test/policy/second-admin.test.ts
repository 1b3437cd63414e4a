import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from '../../src/audit/index.ts';
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '../../src/platform/errors.ts';
import type { Platform } from '../../src/platform/index.ts';
import { APPROVAL } from '../../src/policy/change/approval-kind.ts';
import { changePolicy, removePolicy } from '../../src/policy/change/change-policy.ts';
import { confirmChange } from '../../src/policy/change/confirm-change.ts';
import { ELIGIBILITY } from '../../src/policy/change/eligibility-kind.ts';
import { GUARDRAIL } from '../../src/policy/change/guardrail-kind.ts';
import { rejectChange } from '../../src/policy/change/reject-change.ts';
import { withdrawChange } from '../../src/policy/change/withdraw-change.ts';
import type { EligibilityPolicy, PolicyContent } from '../../src/policy/index.ts';
import { createTestDatabase } from '../support/db.ts';
import { deleteEligibilityPolicy, PLAIN, saveEligibilityPolicy } from '../support/policies.ts';
import { ADMIN, fillDirectory, policyPlatform, ROLE } from './directory.ts';
import { changeSetting } from './settings.ts';

const BOB: Actor = { ...ADMIN, id: 'u-bob', name: 'Bob Admin' };
const CLEO: Actor = { ...ADMIN, id: 'u-cleo', name: 'Cleo Admin' };
const developers: PolicyContent<EligibilityPolicy> = {
  name: 'Developers',
  principals: ['GROUP:devs'],
  targets: ['OU:ou-work'],
  includeNestedOus: false,
  permissionSets: [ROLE],
  maxDurationMinutes: 120,
  approvalRequired: true,
  ticketRequired: false,
  note: '',
  ...PLAIN,
};

let stage: Awaited<ReturnType<typeof prepare>>;
beforeEach(async () => {
  stage = await prepare();
});
afterEach(() => stage.database[Symbol.asyncDispose]());

async function prepare() {
  const database = await createTestDatabase();
  await fillDirectory(database.db);
  await changeSetting(database.db, { secondAdminRequired: true });
  return { database, prisma: database.db.prisma, ...policyPlatform(database) };
}

async function outcomes(works: Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(works);
  return results.map((each) => (each.status === 'rejected' ? each.reason : 'done'));
}

/** Ada's change of the policy, or of a new one, as it waits. */
async function proposed(
  changes: Partial<PolicyContent<EligibilityPolicy>> = {},
  seen?: { id: string; version: number },
): Promise<string> {
  const wanted = { content: { ...developers, ...changes }, seen, restoredFrom: null };
  const { waitsAs } = await changePolicy(stage.platform, ELIGIBILITY, wanted, ADMIN);
  if (waitsAs === null) throw new Error('the change holds at once');
  return waitsAs;
}

/** Does it while no second admin is required. */
async function atOnce<T>(work: (platform: Platform) => Promise<T>): Promise<T> {
  await changeSetting(stage.database.db, { secondAdminRequired: false });
  const done = await work(stage.platform);
  await changeSetting(stage.database.db, { secondAdminRequired: true });
  return done;
}

describe('with a second admin required', () => {
  test('a new policy waits, and holds once another admin confirms it, under both names', async () => {
    const { platform, prisma, sent } = stage;
    const id = await proposed({ ticket: 'CHG-1' });
    expect(await prisma.eligibilityPolicy.count()).toBe(0);
    expect(sent).toEqual([]);
    await confirmChange(platform, id, BOB);
    expect(await prisma.eligibilityPolicy.findFirstOrThrow()).toMatchObject({ name: 'Developers', version: 1 });
    expect(await prisma.policyVersion.findFirstOrThrow()).toMatchObject({
      version: 1,
      ticket: 'CHG-1',
      changedById: ADMIN.id,
      confirmedById: BOB.id,
      confirmedByName: 'Bob Admin',
    });
    expect(sent).toEqual(['policies-changed', 'directory-sync']);
    const events = await prisma.auditEvent.findMany({ orderBy: { id: 'asc' } });
    expect(events.map(({ kind, actorId }) => `${kind} ${actorId}`)).toEqual([
      'policy-change.proposed u-admin',
      'eligibility-policy.created u-bob',
      'directory.copy-requested u-bob',
      'policy-change.confirmed u-bob',
    ]);
    expect(events[1]?.after).toMatchObject({ proposedBy: { id: ADMIN.id, name: ADMIN.name } });
  });

  test('a change and a deletion leave the policy as it is until they are confirmed', async () => {
    const { platform, prisma } = stage;
    const first = await atOnce((platform) => saveEligibilityPolicy(platform, developers, ADMIN));
    const change = await proposed({ maxDurationMinutes: 60 }, first);
    expect(await prisma.eligibilityPolicy.findFirstOrThrow()).toMatchObject({ maxDurationMinutes: 120, version: 1 });
    await confirmChange(platform, change, BOB);
    const changed = await prisma.eligibilityPolicy.findFirstOrThrow();
    expect(changed).toMatchObject({ maxDurationMinutes: 60, version: 2, updatedById: ADMIN.id });
    const { waitsAs } = await removePolicy(platform, ELIGIBILITY, { seen: changed, ticket: 'CHG-2' }, ADMIN);
    expect(await prisma.eligibilityPolicy.count()).toBe(1);
    await confirmChange(platform, String(waitsAs), BOB);
    expect(await prisma.eligibilityPolicy.count()).toBe(0);
    const last = await prisma.policyVersion.findFirstOrThrow({ where: { version: 3 } });
    expect(last).toMatchObject({ document: null, ticket: 'CHG-2', confirmedById: BOB.id });
  });

  test('approval policies and guardrails wait too', async () => {
    const { platform, prisma } = stage;
    const {
      name: _,
      principals: __,
      maxDurationMinutes: ___,
      approvalRequired: ____,
      ticketRequired: _____,
      ...rest
    } = developers;
    const approval = {
      ...rest,
      name: 'Leads decide',
      requesterGroups: [],
      broaderMayDecide: false,
      steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 1 }],
    };
    const about = { name: 'Never alone', note: '', ticket: '', targets: [], permissionSets: [ROLE] };
    const guardrail = { ...about, neverSelfServed: true, maxDurationMinutes: 30 };
    const as = { seen: undefined, restoredFrom: null };
    const one = await changePolicy(platform, APPROVAL, { content: approval, ...as }, ADMIN);
    const two = await changePolicy(platform, GUARDRAIL, { content: guardrail, ...as }, ADMIN);
    expect([await prisma.approvalPolicy.count(), await prisma.guardrail.count()]).toEqual([0, 0]);
    await confirmChange(platform, String(one.waitsAs), BOB);
    await confirmChange(platform, String(two.waitsAs), BOB);
    expect(await prisma.approvalPolicy.findFirstOrThrow()).toMatchObject({ name: 'Leads decide' });
    expect(await prisma.guardrail.findFirstOrThrow()).toMatchObject({ maxDurationMinutes: 30 });
  });

  test('what could not be saved is not proposed either', async () => {
    const { prisma } = stage;
    await expect(proposed({ principals: ['GROUP:nope'] })).rejects.toThrow(InvalidInputError);
    const first = await atOnce((platform) => saveEligibilityPolicy(platform, developers, ADMIN));
    await expect(proposed({ note: 'x' }, { ...first, version: 7 })).rejects.toThrow(ConflictError);
    await atOnce((platform) => deleteEligibilityPolicy(platform, first, ADMIN));
    await expect(proposed({ note: 'x' }, first)).rejects.toThrow(NotFoundError);
    expect(await prisma.policyChange.count()).toBe(0);
  });

  test('one change of a policy waits at a time, also of two at the same moment, and one new policy of a name', async () => {
    const { prisma } = stage;
    const first = await atOnce((platform) => saveEligibilityPolicy(platform, developers, ADMIN));
    const two = await outcomes([proposed({ note: 'one' }, first), proposed({ note: 'two' }, first)]);
    expect(two.filter((each) => each === 'done')).toHaveLength(1);
    expect(String(two.find((each) => each !== 'done'))).toContain('Ada Admin proposed a change of this policy');
    const created = await outcomes([proposed({ name: 'Twice' }), proposed({ name: 'TWICE' })]);
    expect(created.filter((each) => each === 'done')).toHaveLength(1);
    expect(await prisma.policyChange.count({ where: { status: 'waiting' } })).toBe(2);
  });

  test('its author cannot confirm it, and the database refuses that too', async () => {
    const { platform, database, prisma } = stage;
    const id = await proposed();
    await expect(confirmChange(platform, id, ADMIN)).rejects.toThrow(ForbiddenError);
    await expect(rejectChange(platform, id, 'No.', ADMIN)).rejects.toThrow(ForbiddenError);
    const itself =
      "update policy_changes set status = 'confirmed', decided_at = app_now(), decided_by_id = proposed_by_id";
    await expect(database.db.pool.query(itself)).rejects.toThrow(/policy_changes_confirmed_by_another/);
    await confirmChange(platform, id, BOB);
    const both = 'update policy_versions set confirmed_by_id = changed_by_id';
    await expect(database.db.pool.query(both)).rejects.toThrow(/policy_versions_confirmed_by_another/);
    expect(await prisma.policyChange.findFirstOrThrow()).toMatchObject({ status: 'confirmed', decidedById: BOB.id });
  });

  test('only its author withdraws it, and others reject it with a comment', async () => {
    const { platform, prisma } = stage;
    const id = await proposed();
    await expect(withdrawChange(platform, id, BOB)).rejects.toThrow(ForbiddenError);
    await withdrawChange(platform, id, ADMIN);
    const again = await proposed();
    await rejectChange(platform, again, 'Too wide.', BOB);
    expect(await prisma.policyChange.findUniqueOrThrow({ where: { id: again } })).toMatchObject({
      status: 'rejected',
      comment: 'Too wide.',
      decidedByName: 'Bob Admin',
    });
    await expect(confirmChange(platform, again, BOB)).rejects.toThrow('Bob Admin rejected this change');
    expect(await prisma.eligibilityPolicy.count()).toBe(0);
    const kinds = (await prisma.auditEvent.findMany({ orderBy: { id: 'asc' } })).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'policy-change.proposed')).toEqual([
      'policy-change.withdrawn',
      'policy-change.rejected',
    ]);
  });

  test('two admins who confirm at once, and one twice, make one version', async () => {
    const { platform, prisma } = stage;
    const id = await proposed();
    const answers = await outcomes([
      confirmChange(platform, id, BOB),
      confirmChange(platform, id, CLEO),
      confirmChange(platform, id, BOB),
    ]);
    expect(answers.filter((each) => each === 'done')).toHaveLength(1);
    for (const each of answers.filter((answer) => answer !== 'done')) expect(each).toBeInstanceOf(ConflictError);
    expect(await prisma.eligibilityPolicy.count()).toBe(1);
    expect(await prisma.policyVersion.count()).toBe(1);
    expect(await prisma.auditEvent.count({ where: { kind: 'policy-change.confirmed' } })).toBe(1);
  });

  test('withdrawn while it is confirmed, it either holds or does not', async () => {
    const { platform, prisma } = stage;
    for (let round = 0; round < 5; round += 1) {
      const name = `Round ${round}`;
      const id = await proposed({ name });
      const answers = await outcomes([confirmChange(platform, id, BOB), withdrawChange(platform, id, ADMIN)]);
      expect(answers.filter((each) => each === 'done')).toHaveLength(1);
      const { status } = await prisma.policyChange.findUniqueOrThrow({ where: { id } });
      expect(await prisma.eligibilityPolicy.count({ where: { name } })).toBe(status === 'confirmed' ? 1 : 0);
    }
  });

  test('it cannot be confirmed once the policy moved on, was deleted, or a group of it vanished', async () => {
    const { platform, prisma } = stage;
    const first = await atOnce((platform) => saveEligibilityPolicy(platform, developers, ADMIN));
    const change = await proposed({ note: 'x' }, first);
    const second = await atOnce((platform) =>
      saveEligibilityPolicy(platform, { ...developers, note: 'y' }, CLEO, first),
    );
    await expect(confirmChange(platform, change, BOB)).rejects.toThrow('The policy was changed since');
    await atOnce((platform) => deleteEligibilityPolicy(platform, second, CLEO));
    await expect(confirmChange(platform, change, BOB)).rejects.toThrow('The policy was deleted since');
    const made = await proposed({ name: 'Leads', principals: ['GROUP:leads'] });
    await prisma.group.delete({ where: { id: 'leads' } });
    await expect(confirmChange(platform, made, BOB)).rejects.toMatchObject({
      fields: { principals: expect.stringContaining('leads') },
    });
    expect(await prisma.policyChange.count({ where: { status: 'waiting' } })).toBe(2);
    expect(await prisma.eligibilityPolicy.count()).toBe(0);
  });

  test('what waits when the setting is switched off can still be confirmed, and new changes hold at once', async () => {
    const { platform, prisma } = stage;
    const id = await proposed();
    await changeSetting(stage.database.db, { secondAdminRequired: false });
    await expect(confirmChange(platform, id, ADMIN)).rejects.toThrow(ForbiddenError);
    await confirmChange(platform, id, BOB);
    const wanted = { content: { ...developers, name: 'At once' }, seen: undefined, restoredFrom: null };
    expect(await changePolicy(platform, ELIGIBILITY, wanted, ADMIN)).toMatchObject({ name: 'At once', waitsAs: null });
    expect(await prisma.eligibilityPolicy.count()).toBe(2);
  });

  test('a change that says nothing new does not wait', async () => {
    const first = await atOnce((platform) => saveEligibilityPolicy(platform, developers, ADMIN));
    await expect(proposed({}, first)).rejects.toThrow('the change holds at once');
    expect(await stage.prisma.policyChange.count()).toBe(0);
  });
});

describe('mail about a change that waits', () => {
  test('goes to the other admins, and what they made of it to its author', async () => {
    const { platform, prisma } = stage;
    const admins = '11111111-1111-1111-1111-111111111111';
    const person = (id: string, enabled = true) => ({
      ...{ id, userName: id, displayName: id, email: `${id}@example.com`, enabled },
    });
    await prisma.user.createMany({
      data: [person('u-admin'), person('u-bob'), person('u-cleo'), person('u-off', false)],
    });
    await prisma.group.create({ data: { id: admins, displayName: 'Admins', description: '' } });
    const ids = ['u-admin', 'u-bob', 'u-cleo', 'u-off'];
    await prisma.membership.createMany({ data: ids.map((userId) => ({ userId, groupId: admins })) });
    const id = await proposed();
    const waiting = await prisma.outboxMessage.findMany({ orderBy: { toUserId: 'asc' } });
    expect(waiting.map(({ toUserId }) => toUserId)).toEqual(['u-bob', 'u-cleo']);
    expect(waiting[0]?.data).toMatchObject({
      subject: 'Ada Admin asks you to confirm: make Developers',
      page: { path: `/admin/policy-changes/${id}` },
    });
    await rejectChange(platform, id, 'Too wide.', BOB);
    const [told] = await prisma.outboxMessage.findMany({ where: { toUserId: 'u-admin' } });
    expect(told?.data).toMatchObject({ subject: 'Bob Admin rejected: make Developers' });
    expect(JSON.stringify(told?.data)).toContain('Too wide.');
  });
});

describe('where every change of a policy names a ticket', () => {
  test('saving and deleting without one, or with one of the wrong form, is refused at its field', async () => {
    const { platform, database } = stage;
    await changeSetting(database.db, { policyTicketRequired: true, ticketPattern: 'CHG-[0-9]+' });
    await expect(saveEligibilityPolicy(platform, developers, ADMIN)).rejects.toMatchObject({
      fields: { ticket: expect.stringContaining('names the ticket') },
    });
    await expect(saveEligibilityPolicy(platform, { ...developers, ticket: 'why' }, ADMIN)).rejects.toMatchObject({
      fields: { ticket: expect.stringContaining('CHG-[0-9]+') },
    });
    const saved = await saveEligibilityPolicy(platform, { ...developers, ticket: 'CHG-7' }, ADMIN);
    await expect(removePolicy(platform, ELIGIBILITY, { seen: saved, ticket: '' }, ADMIN)).rejects.toMatchObject({
      fields: { ticket: expect.stringContaining('names the ticket') },
    });
    await expect(removePolicy(platform, ELIGIBILITY, { seen: saved, ticket: 'CHG-8' }, ADMIN)).resolves.toBeTruthy();
  });
});
