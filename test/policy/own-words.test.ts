import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPolicies, readOwnWords } from '../../src/policy/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { fillDirectory, ROLE } from './directory.ts';
import { LIMITS, NOW } from './samples.ts';
import { approval, eligibility, insertPolicies, READ } from './who-stage.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await fillDirectory(database.db);
  await database.db.prisma.permissionSet.create({
    data: { arn: READ, name: 'ReadOnly', description: '', sessionSeconds: 3600, inManagementAccount: false },
  });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** What Ana, a developer, is told of PowerUser in payments. */
async function words(role = 'PowerUser') {
  const ask = {
    accountId: '111111111111',
    ancestorIds: ['r-root', 'ou-work'],
    permissionSetArn: ROLE,
    durationMinutes: 60,
    ticketGiven: true,
  };
  const formatDate = (at: Date) => at.toISOString().slice(0, 10);
  return readOwnWords(database.db.prisma, { userId: 'ana', groupIds: ['devs'] }, ask, role, {
    policies: await loadPolicies(database.db.prisma),
    limits: LIMITS,
    now: NOW,
    formatDate,
  });
}

test('groups and people are called by their names, and those that vanished are left out', async () => {
  await insertPolicies(database, {
    eligibility: [eligibility()],
    approval: [
      approval({ steps: [{ approvers: ['GROUP:leads', 'GROUP:went-away', 'USER:cleo'], approvalsNeeded: 1 }] }),
    ],
  });
  expect(await words()).toEqual({
    sentence: 'You may use PowerUser here for up to 2 hours if someone of Platform Leads or Cleo Lind approves.',
    hints: [],
  });
});

test('who may not ask for the role is told what they may have here, by name', async () => {
  await insertPolicies(database, { eligibility: [eligibility({ permissionSets: [READ] })], approval: [approval()] });
  expect(await words()).toEqual({ sentence: '', hints: ['In this account you may ask for ReadOnly.'] });
});

test('nothing is told of what others may have, and a role that is not known is no word', async () => {
  await insertPolicies(database, {
    eligibility: [eligibility({ principals: ['GROUP:leads'] })],
    approval: [approval()],
  });
  expect(await words()).toEqual({ sentence: '', hints: [] });
  await insertPolicies(database, { eligibility: [eligibility({ enabled: false })], approval: [approval()] });
  expect(await words('')).toEqual({
    sentence: '',
    hints: ['What allowed you to ask for this role here is switched off at present.'],
  });
});
