import { expect, test } from 'vitest';
import { targetState } from '../../src/directory/index.ts';
import { UnavailableError } from '../../src/platform/errors.ts';
import { MANAGEMENT, startDirectory } from './parts.ts';

const PAYMENTS = '222222222222';

test('an account is there, suspended by AWS, closed, or has left the organization, as AWS has it at this moment', async () => {
  await using directory = await startDirectory();
  const { organization, platform } = directory;
  await directory.sync();
  const account = organization.accounts.find(({ id }) => id === PAYMENTS)!;
  expect(await targetState(platform, PAYMENTS)).toBe('there');
  account.state = 'PENDING_CLOSURE';
  expect(await targetState(platform, PAYMENTS)).toBe('there');
  account.state = 'SUSPENDED';
  expect(await targetState(platform, PAYMENTS)).toBe('suspended');
  account.state = 'CLOSED';
  expect(await targetState(platform, PAYMENTS)).toBe('suspended');
  organization.accounts.splice(organization.accounts.indexOf(account), 1);
  expect(await targetState(platform, PAYMENTS)).toBe('gone');
});

test('that an account is gone is never concluded from an outage, a refusal, or an organization that Latchkey itself has left', async () => {
  await using directory = await startDirectory();
  const { organization, platform, sandbox } = directory;
  sandbox.faults.outageOf = 'organizations';
  await expect(targetState(platform, PAYMENTS)).rejects.toThrow(UnavailableError);
  sandbox.faults.outageOf = null;
  organization.accounts = organization.accounts.filter(({ id }) => id !== MANAGEMENT && id !== PAYMENTS);
  await expect(targetState(platform, PAYMENTS)).rejects.toThrow(UnavailableError);
});
