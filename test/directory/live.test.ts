import { expect, test } from 'vitest';
import { readPersonNow, resolveUserName } from '../../src/directory/index.ts';
import { UnavailableError } from '../../src/platform/errors.ts';
import { GROUP, sandboxUser, startDirectory, USER } from './parts.ts';

test('a person is read from Identity Center with all groups, not from the copy', async () => {
  await using directory = await startDirectory();
  const { organization, platform } = directory;
  await directory.sync();
  organization.memberships.get(GROUP(1))!.delete(USER(1));
  for (let n = 10; n < 240; n++) {
    organization.groups.push({ id: GROUP(n), displayName: `Group ${n}`, description: '' });
    organization.memberships.set(GROUP(n), new Set([USER(1)]));
  }
  const person = await readPersonNow(platform, USER(1));
  expect(person?.user).toEqual({
    id: USER(1),
    userName: 'Ana.Ruiz',
    displayName: 'Ana Ruiz',
    email: 'user1@example.com',
    enabled: true,
  });
  expect(person?.groupIds).toHaveLength(231);
  expect(person?.groupIds).not.toContain(GROUP(1));
});

test('a display name is one line and turns no writing around, whatever somebody made of theirs', async () => {
  await using directory = await startDirectory();
  const { organization, platform } = directory;
  const user = organization.users.find(({ id }) => id === USER(1))!;
  const nameOf = async (displayName: string) => {
    user.displayName = displayName;
    return (await readPersonNow(platform, USER(1)))?.user.displayName;
  };
  expect(await nameOf('Ana\u202e\r\nApproved by: Ben\u2069')).toBe('Ana Approved by: Ben');
  expect(await nameOf('آنا')).toBe('آنا');
  expect(await nameOf('\u202e\n')).toBe('Ana.Ruiz');
});

test('a disabled person is told as disabled, one who is deleted or was never there as nobody', async () => {
  await using directory = await startDirectory();
  const { organization, platform } = directory;
  expect((await readPersonNow(platform, USER(3)))?.user.enabled).toBe(false);
  organization.users.splice(0, 1);
  expect(await readPersonNow(platform, USER(1))).toBeNull();
  expect(await readPersonNow(platform, USER(99))).toBeNull();
  expect(await readPersonNow(platform, 'not an id')).toBeNull();
});

test('while Identity Center is away, throttles or forbids, the reader learns so in a sentence and nobody is anybody', async () => {
  await using directory = await startDirectory();
  const { platform, sandbox } = directory;
  sandbox.faults.outageOf = 'identity-store';
  const away = await readPersonNow(platform, USER(1)).catch((error: unknown) => error);
  expect(away).toBeInstanceOf(UnavailableError);
  expect(away).toMatchObject({ code: 'identity-center-away', message: expect.stringMatching(/try again/) });
  await expect(resolveUserName(platform, 'ben')).rejects.toThrow('cannot be reached');
  sandbox.faults.outageOf = null;
  sandbox.faults.throttleShare = 1;
  await expect(readPersonNow(platform, USER(1))).rejects.toThrow('too busy');
});

test('a user name leads to its user, however it is capitalized, and the name stays as Identity Center has it', async () => {
  await using directory = await startDirectory();
  const { platform } = directory;
  for (const name of ['Ana.Ruiz', 'ana.ruiz', 'ANA.RUIZ']) {
    expect(await resolveUserName(platform, name)).toMatchObject({ id: USER(1), userName: 'Ana.Ruiz' });
  }
  expect(await resolveUserName(platform, 'gone')).toMatchObject({ id: USER(3), enabled: false });
});

test('an unknown, empty or impossible user name is nobody', async () => {
  await using directory = await startDirectory();
  for (const name of ['nobody', '', 'ana.ruiz ', 'Ana Ruiz', 'user1@example.com', USER(1), 'x'.repeat(500)]) {
    expect(await resolveUserName(directory.platform, name), name.slice(0, 20)).toBeNull();
  }
});

test('a name is found in either Unicode form', async () => {
  await using directory = await startDirectory();
  const { organization, platform } = directory;
  expect(await resolveUserName(platform, 'zoë'.normalize('NFC'))).toMatchObject({ id: USER(4) });
  expect(await resolveUserName(platform, 'zoë'.normalize('NFD'))).toMatchObject({ id: USER(4) });
  organization.users.push(sandboxUser(5, 'andré'.normalize('NFD')));
  expect(await resolveUserName(platform, 'André'.normalize('NFC'))).toMatchObject({ id: USER(5) });
});

test('two users whose names look the same are told apart by nobody, so neither signs in', async () => {
  await using directory = await startDirectory();
  directory.organization.users.push(sandboxUser(5, 'zoë'.normalize('NFD')));
  for (const form of ['NFC', 'NFD'])
    expect(await resolveUserName(directory.platform, 'zoë'.normalize(form))).toBeNull();
});

test('an answer for another name than was asked for is refused', async () => {
  await using directory = await startDirectory();
  const { organization, platform } = directory;
  // Identity Center says who has this name, and the user is renamed before they are described.
  const named = resolveUserName(platform, 'ben');
  await directory.sandbox.calls.waitFor('GetUserId');
  organization.users[1]!.userName = 'benedict';
  expect(await named).toBeNull();
});
