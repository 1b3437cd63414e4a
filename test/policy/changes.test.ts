import { describe, expect, test } from 'vitest';
import { policyNavCounts } from '../../src/policy/index.ts';
import { ADA } from '../web/tiny-portal.ts';
import { changeSetting } from './settings.ts';
import { DEVELOPERS, useTwoAdmins, wordsOf } from './two-admins.ts';

const ELIGIBILITY = '/admin/eligibility-policies';
const CHANGES = '/admin/policy-changes';

const { database, ada, bob } = useTwoAdmins();

/** What Ada's form leads to: the address of the change that waits. */
async function proposed(name: string, more: Record<string, string | string[]> = {}, id?: string): Promise<string> {
  const answer = await ada().post(id ? `${ELIGIBILITY}/${id}` : ELIGIBILITY, { ...DEVELOPERS, name, ...more });
  expect(answer.statusCode).toBe(303);
  expect(answer.headers.location).toMatch(/^\/admin\/policy-changes\/[0-9a-f-]{36}$/);
  return String(answer.headers.location);
}

/** A policy that both admins agreed on. */
async function agreed(name: string): Promise<string> {
  const address = await proposed(name);
  expect((await bob().post(`${address}/confirmation`)).statusCode).toBe(303);
  return (await database().db.prisma.eligibilityPolicy.findFirstOrThrow({ where: { name } })).id;
}

describe('a change that waits for a second admin', () => {
  test('is listed first for the other, who sees what it would do and confirms it', async () => {
    const address = await proposed('Waits for Bob', { ticket: 'CHG-5' });
    const own = await ada().get(address);
    expect(wordsOf(own.body)).toContain('You cannot confirm your own change');
    expect(own.body).not.toContain('/confirmation"');
    const list = wordsOf((await bob().get(CHANGES)).body);
    expect(list).toMatch(/New: Waits for Bob Waits for you Eligibility policy, proposed by Ada admin/);
    const page = wordsOf((await bob().get(address)).body);
    expect(page).toContain('Who Developers Where Workloads');
    expect(page).toContain('CHG-5');
    expect(page).toMatch(/Ana Ruiz .*PowerUser in payments/);
    const done = await bob().post(`${address}/confirmation`);
    expect([done.statusCode, done.headers.location]).toEqual([303, CHANGES]);
    expect(wordsOf((await bob().get(address)).body)).toMatch(/This change was confirmed\. .* by Bob admin/);
    const { id } = await database().db.prisma.eligibilityPolicy.findFirstOrThrow({ where: { name: 'Waits for Bob' } });
    const history = wordsOf((await ada().get(`${ELIGIBILITY}/${id}/versions`)).body);
    expect(history).toContain('by Ada admin , confirmed by Bob admin');
  });

  test('tells how it differs from the policy as it is now, and is shown where the policy is edited', async () => {
    const id = await agreed('Differs');
    const longer = await proposed('Differs', { maxDurationMinutes: '240', version: '1' }, id);
    expect((await bob().post(`${longer}/confirmation`)).statusCode).toBe(303);
    const address = await proposed('Differs', { version: '2', restoredFrom: `${id}:1` }, id);
    const page = await bob().get(address);
    expect(wordsOf(page.body)).toContain('Longest 4 h → is now 2 h');
    expect(wordsOf(page.body)).toContain('It brings back version 1');
    expect(page.body).toContain(`href="${ELIGIBILITY}/${id}/versions/1"`);
    const edit = await bob().get(`${ELIGIBILITY}/${id}/edit`);
    expect(wordsOf(edit.body)).toContain('Ada admin proposed a change of this');
    expect(edit.body).toContain(`href="${address}"`);
    const second = await bob().post(`${ELIGIBILITY}/${id}`, {
      ...DEVELOPERS,
      name: 'Differs',
      note: 'x',
      version: '2',
    });
    expect(second.statusCode).toBe(409);
    expect(wordsOf(second.body)).toContain('Ada admin proposed a change of this policy');
    expect(second.body).toContain('>x</textarea>');
  });

  test('does not claim to bring back a version that says something else', async () => {
    const id = await agreed('Claims');
    const more = { maxDurationMinutes: '240', version: '1', restoredFrom: `${id}:1` };
    const address = await proposed('Claims', more, id);
    expect(wordsOf((await bob().get(address)).body)).not.toContain('It brings back version');
    expect((await bob().post(`${address}/confirmation`)).statusCode).toBe(303);
    expect(wordsOf((await ada().get(`${ELIGIBILITY}/${id}/versions`)).body)).not.toContain('Restored from');
  });

  test('says where its author is no administrator any more', async () => {
    const { prisma } = database().db;
    const groupId = '11111111-1111-1111-1111-111111111111';
    const people = ['Ada', 'Bob'].map((name) => ({
      id: `u-${name}`,
      userName: `u-${name}`,
      displayName: name,
      email: null,
      enabled: true,
    }));
    await prisma.user.createMany({ data: people });
    await prisma.group.create({ data: { id: groupId, displayName: 'Admins', description: '' } });
    await prisma.membership.createMany({ data: people.map(({ id }) => ({ groupId, userId: id })) });
    const address = await proposed('Left behind');
    const says = async () => wordsOf((await bob().get(address)).body).includes('is no administrator any more');
    expect(await says()).toBe(false);
    await prisma.membership.deleteMany({ where: { groupId, userId: 'u-Ada' } });
    expect(await says()).toBe(true);
    await prisma.membership.deleteMany({ where: { groupId } });
    expect(await says()).toBe(false);
    await prisma.group.delete({ where: { id: groupId } });
    await prisma.user.deleteMany({ where: { id: { in: people.map(({ id }) => id) } } });
  });

  test('is not confirmed by its author, whatever they post', async () => {
    const address = await proposed('Own');
    expect((await ada().post(`${address}/confirmation`)).statusCode).toBe(403);
    expect((await ada().post(`${address}/rejection`, { comment: 'No.' })).statusCode).toBe(403);
    expect((await bob().post(`${address}/withdrawal`)).statusCode).toBe(403);
    expect((await ada().post(`${address}/withdrawal`)).statusCode).toBe(303);
    expect(wordsOf((await ada().get(address)).body)).toContain('This change was withdrawn');
  });

  test('is rejected with a comment only, which its author reads', async () => {
    const address = await proposed('Too wide');
    const silent = await bob().post(`${address}/rejection`, { comment: ' ' });
    expect(silent.statusCode).toBe(422);
    expect(wordsOf(silent.body)).toContain('Say why');
    expect((await bob().post(`${address}/rejection`, { comment: 'Fewer accounts, please.' })).statusCode).toBe(303);
    expect(wordsOf((await ada().get(address)).body)).toContain('Fewer accounts, please.');
    const declined = wordsOf((await ada().get(`${CHANGES}?status=declined&q=too`)).body);
    expect(declined).toMatch(/New: Too wide .* Rejected .* by Bob admin Fewer accounts, please\./);
  });

  test('that was decided in another tab answers 409 with who did it', async () => {
    const address = await proposed('Two tabs');
    expect((await bob().post(`${address}/confirmation`)).statusCode).toBe(303);
    const again = await bob().post(`${address}/confirmation`);
    expect(again.statusCode).toBe(409);
    expect(wordsOf(again.body)).toContain('Bob admin confirmed this change');
    expect(again.body).not.toContain('/rejection"');
  });

  test('cannot be made once a group of it is gone, which its page says before and after trying', async () => {
    await database().db.prisma.group.create({ data: { id: 'temps', displayName: 'Temps', description: '' } });
    const address = await proposed('Vanishes', { principals: 'GROUP:temps' });
    await database().db.prisma.group.delete({ where: { id: 'temps' } });
    expect(wordsOf((await bob().get(address)).body)).toMatch(
      /cannot be confirmed as things are\. .*group temps does not/,
    );
    const answer = await bob().post(`${address}/confirmation`);
    expect(answer.statusCode).toBe(422);
    expect(wordsOf(answer.body)).toContain('can no longer be saved as this change has it');
    expect(await database().db.prisma.eligibilityPolicy.count({ where: { name: 'Vanishes' } })).toBe(0);
  });

  test('cannot be made once the policy moved on', async () => {
    const id = await agreed('Moves on');
    const address = await proposed('Moves on', { note: 'mine', version: '1' }, id);
    await changeSetting(database().db, { secondAdminRequired: false });
    const fields = { ...DEVELOPERS, name: 'Moves on', note: 'yours', version: '1' };
    expect((await bob().post(`${ELIGIBILITY}/${id}`, fields)).statusCode).toBe(303);
    await changeSetting(database().db, { secondAdminRequired: true });
    expect(wordsOf((await bob().get(address)).body)).toContain('Bob admin changed the policy since');
    expect((await bob().post(`${address}/confirmation`)).statusCode).toBe(409);
    expect(await database().db.prisma.eligibilityPolicy.findUniqueOrThrow({ where: { id } })).toMatchObject({
      note: 'yours',
    });
    expect((await ada().post(`${address}/withdrawal`)).statusCode).toBe(303);
  });

  test('to delete a policy shows what is to go, and deletes it once confirmed', async () => {
    const id = await agreed('To be deleted');
    const asked = await ada().get(`${ELIGIBILITY}/${id}/deletion`);
    expect(wordsOf(asked.body)).toContain('It stays until another admin confirms this');
    const answer = await ada().post(`${ELIGIBILITY}/${id}/deletion`, { version: '1' });
    const address = String(answer.headers.location);
    expect(wordsOf((await bob().get(address)).body)).toMatch(
      /Delete: To be deleted .*What is to be deleted Name To be/,
    );
    expect(await database().db.prisma.eligibilityPolicy.count({ where: { id } })).toBe(1);
    expect((await bob().post(`${address}/confirmation`)).statusCode).toBe(303);
    expect(await database().db.prisma.eligibilityPolicy.count({ where: { id } })).toBe(0);
  });

  test('is counted in the navigation of other admins only', async () => {
    const { prisma } = database().db;
    const admin = (userId: string) => ({ ...ADA, userId, personas: new Set(['admin'] as const) });
    const waiting = await prisma.policyChange.count({ where: { status: 'waiting' } });
    await proposed('Counted');
    expect(await policyNavCounts(prisma, admin('u-Bob'))).toEqual({ [CHANGES]: waiting + 1 });
    expect(await policyNavCounts(prisma, admin('u-Ada'))).toEqual({ [CHANGES]: 0 });
    expect(await policyNavCounts(prisma, ADA)).toEqual({});
  });

  test('is not there where it never was', async () => {
    for (const id of ['00000000-0000-4000-8000-000000000000', 'x', '%00']) {
      expect((await bob().get(`${CHANGES}/${id}`)).statusCode).toBe(404);
      expect((await bob().post(`${CHANGES}/${id}/confirmation`)).statusCode).toBe(404);
    }
  });
});
