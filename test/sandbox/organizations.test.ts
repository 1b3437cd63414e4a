import {
  AccessDeniedException,
  AccountNotFoundException,
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  InvalidInputException,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
  OrganizationsClient,
  ParentNotFoundException,
  paginateListAccounts,
  TooManyRequestsException,
} from '@aws-sdk/client-organizations';
import { expect, test } from 'vitest';
import { accessKeyOf } from '../../src/sandbox/aws/caller.ts';
import { DEMO_ACCOUNTS, DEMO_UNITS } from '../../src/sandbox/demo-organization.ts';
import { clientOptions, clientsOf, sandboxForTest } from './aws.ts';

test('the organization names its management account', async () => {
  const sandbox = await sandboxForTest();
  const { Organization } = await clientsOf(sandbox).organizations.send(new DescribeOrganizationCommand({}));
  expect(Organization).toMatchObject({
    Id: sandbox.organization.id,
    MasterAccountId: sandbox.organization.managementAccountId,
  });
});

test('an empty page comes among the accounts, and every account is listed all the same', async () => {
  const sandbox = await sandboxForTest();
  const { organizations: client } = clientsOf(sandbox);
  const pages: string[][] = [];
  for await (const page of paginateListAccounts({ client }, {})) pages.push(page.Accounts!.map(({ Id }) => Id!));
  expect(pages[1]).toEqual([]);
  expect(pages.flat()).toEqual(sandbox.organization.accounts.map(({ id }) => id));
});

test('an account says in which state it is and where it lies, and nothing of the retired status', async () => {
  const sandbox = await sandboxForTest();
  const { organizations } = clientsOf(sandbox);
  const describeAccount = (AccountId: string) => organizations.send(new DescribeAccountCommand({ AccountId }));
  const { Account } = await describeAccount(DEMO_ACCOUNTS['ledger-prod']!);
  const units = ['Workloads', 'Workloads/Production', 'Workloads/Production/Payments'].map((path) => DEMO_UNITS[path]);
  expect(Account?.Paths).toEqual([
    `${[sandbox.organization.id, sandbox.organization.root.id, ...units, DEMO_ACCOUNTS['ledger-prod']].join('/')}/`,
  ]);
  expect(Account?.State).toBe('ACTIVE');
  expect(Account).not.toHaveProperty('Status');
  expect((await describeAccount(DEMO_ACCOUNTS['old-webshop']!)).Account?.State).toBe('SUSPENDED');
  await expect(describeAccount('999999999999')).rejects.toThrow(AccountNotFoundException);
});

test('walking the tree from the root reaches every OU and every account', async () => {
  const sandbox = await sandboxForTest();
  const { organizations } = clientsOf(sandbox);
  const { Roots } = await organizations.send(new ListRootsCommand({}));
  const accounts: string[] = [];
  const units: string[] = [];
  const walk = async (ParentId: string) => {
    units.push(ParentId);
    const direct = await organizations.send(new ListAccountsForParentCommand({ ParentId }));
    accounts.push(...direct.Accounts!.map(({ Id }) => Id!));
    const below = await organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId }));
    for (const { Id } of below.OrganizationalUnits!) await walk(Id!);
  };
  await walk(Roots![0]!.Id!);
  expect(units.sort()).toEqual(Object.values(DEMO_UNITS).sort());
  expect(accounts.sort()).toEqual(Object.values(DEMO_ACCOUNTS).sort());
});

test('more than twenty a page, a foreign token and an unknown parent are refused', async () => {
  const sandbox = await sandboxForTest();
  const { organizations } = clientsOf(sandbox);
  await expect(organizations.send(new ListAccountsCommand({ MaxResults: 21 }))).rejects.toThrow(InvalidInputException);
  await expect(organizations.send(new ListAccountsCommand({ NextToken: 'x' }))).rejects.toThrow(InvalidInputException);
  const unknown = new ListAccountsForParentCommand({ ParentId: 'ou-ex4m-00000000' });
  await expect(organizations.send(unknown)).rejects.toThrow(ParentNotFoundException);
});

test('an account that administers nothing may not look', async () => {
  const sandbox = await sandboxForTest();
  const credentials = { accessKeyId: accessKeyOf(DEMO_ACCOUNTS['payments-prod']!), secretAccessKey: 'sandbox' };
  const client = new OrganizationsClient(clientOptions(sandbox, credentials));
  await expect(client.send(new ListAccountsCommand({}))).rejects.toThrow(AccessDeniedException);
});

test('a burst of ListRoots is throttled with the error that Organizations has for it', async () => {
  const sandbox = await sandboxForTest({ callsPerSecond: 20 });
  const { organizations } = clientsOf(sandbox);
  const burst = Array.from({ length: 10 }, () => organizations.send(new ListRootsCommand({})));
  await expect(Promise.all(burst)).rejects.toThrow(TooManyRequestsException);
});
