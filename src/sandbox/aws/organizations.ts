import { z } from 'zod';
import type { Organization, OrganizationalUnit, SandboxAccount } from '../organization.ts';
import type { SandboxServices } from '../services.ts';
import { AwsError } from './errors.ts';
import { type AwsService, type Operation, operation } from './operation.ts';
import { type PageRequest, pageOf } from './pages.ts';
import * as field from './patterns.ts';

const JOINED = Date.UTC(2022, 4, 2) / 1000;
const page = { MaxResults: field.maxResults(20), NextToken: z.string().max(100_000).optional() };

/** The published token buckets: calls a second and burst, for one calling account. */
const RATES: Record<string, { shared: string; perSecond: number; burst: number }> = {
  ListAccounts: { shared: 'ListAccounts', perSecond: 8, burst: 12 },
  ListAccountsForParent: { shared: 'parents', perSecond: 5, burst: 8 },
  ListOrganizationalUnitsForParent: { shared: 'parents', perSecond: 5, burst: 8 },
  ListRoots: { shared: 'ListRoots', perSecond: 1, burst: 2 },
  DescribeAccount: { shared: 'DescribeAccount', perSecond: 20, burst: 30 },
  DescribeOrganization: { shared: 'DescribeOrganization', perSecond: 1, burst: 2 },
};

const operations = {
  DescribeOrganization: operation(z.object({}), (_input, { services: { organization } }) => {
    const management = organization.accounts.find(({ id }) => id === organization.managementAccountId);
    return {
      Organization: {
        Id: organization.id,
        Arn: arn(organization, `organization/${organization.id}`),
        FeatureSet: 'ALL',
        MasterAccountId: organization.managementAccountId,
        MasterAccountArn: accountArn(organization, organization.managementAccountId),
        MasterAccountEmail: management?.email,
      },
    };
  }),

  ListRoots: operation(z.object(page), (input, { services: { organization } }) => {
    const { id, name } = organization.root;
    const root = { Id: id, Arn: arn(organization, `root/${organization.id}/${id}`), Name: name, PolicyTypes: [] };
    const { page: Roots, NextToken } = organizationsPage('ListRoots', [root], input);
    return { Roots, NextToken };
  }),

  ListOrganizationalUnitsForParent: operation(
    z.object({ ParentId: field.parentId, ...page }),
    (input, { services: { organization } }) => {
      const parent = parentOf(organization, input.ParentId);
      const units = parent.unit.children.map((child) => ({
        Id: child.id,
        Arn: arn(organization, `ou/${organization.id}/${child.id}`),
        Name: child.name,
        Path: `${parent.path}${child.id}/`,
      }));
      const { page: OrganizationalUnits, NextToken } = organizationsPage('ListOrganizationalUnits', units, input);
      return { OrganizationalUnits, NextToken };
    },
  ),

  ListAccountsForParent: operation(z.object({ ParentId: field.parentId, ...page }), (input, { services }) => {
    parentOf(services.organization, input.ParentId);
    const direct = services.organization.accounts.filter(({ parentId }) => parentId === input.ParentId);
    return accountsPage('ListAccountsForParent', services, direct, input);
  }),

  ListAccounts: operation(z.object(page), (input, { services }) =>
    accountsPage('ListAccounts', services, services.organization.accounts, input),
  ),

  DescribeAccount: operation(z.object({ AccountId: field.accountId }), (input, { services: { organization } }) => {
    const account = organization.accounts.find(({ id }) => id === input.AccountId);
    if (!account) {
      throw new AwsError('AccountNotFoundException', "You specified an account that doesn't exist.");
    }
    return { Account: describeAccount(organization, pathsOf(organization), account) };
  }),
};

/** Organizations, as the management account and a delegated administrator see it. */
export function organizations(): AwsService {
  return {
    name: 'organizations',
    operations: new Map<string, Operation>(Object.entries(operations)),
    limitOf: (name) => RATES[name],
    throttled: () => new AwsError('TooManyRequestsException', 'You have sent too many requests in too short a period.'),
    invalidInput: (member, problem) =>
      new AwsError('InvalidInputException', `You provided invalid values for ${member}: ${problem}`),
  };
}

function accountsPage(
  name: string,
  { organization, faults }: SandboxServices,
  accounts: SandboxAccount[],
  input: PageRequest,
) {
  const paths = pathsOf(organization);
  const { page: here, NextToken } = organizationsPage(name, accounts, input);
  const Accounts = here.map((account) => {
    const { Paths, ...rest } = describeAccount(organization, paths, account);
    return faults.omitPaths ? rest : { ...rest, Paths };
  });
  return { Accounts, NextToken };
}

// `Status` is retired in favour of `State`, and so is left out.
function describeAccount(organization: Organization, paths: Map<string, Placed>, account: SandboxAccount) {
  return {
    Id: account.id,
    Arn: accountArn(organization, account.id),
    Name: account.name,
    Email: account.email,
    State: account.state,
    Paths: [`${paths.get(account.parentId)?.path ?? ''}${account.id}/`],
    JoinedMethod: account.id === organization.managementAccountId ? 'INVITED' : 'CREATED',
    JoinedTimestamp: JOINED,
  };
}

interface Placed {
  unit: OrganizationalUnit;
  /** `o-…/r-…/ou-…/` */
  path: string;
}

function pathsOf({ id, root }: Organization): Map<string, Placed> {
  const placed = new Map<string, Placed>();
  const place = (unit: OrganizationalUnit, above: string) => {
    const path = `${above}${unit.id}/`;
    placed.set(unit.id, { unit, path });
    for (const child of unit.children) place(child, path);
  };
  place(root, `${id}/`);
  return placed;
}

function parentOf(organization: Organization, id: string): Placed {
  const parent = pathsOf(organization).get(id);
  if (!parent) throw new AwsError('ParentNotFoundException', "You specified a parent that doesn't exist.");
  return parent;
}

function organizationsPage<Item>(name: string, items: readonly Item[], request: PageRequest) {
  const { NextToken: _token, MaxResults: _size, ...query } = request;
  return pageOf(items, request, {
    query: [name, query],
    defaultSize: 20,
    badToken: () => new AwsError('InvalidInputException', 'You provided an invalid NextToken.'),
    emptySecondPage: true,
  });
}

function arn({ managementAccountId }: Organization, resource: string): string {
  return `arn:aws:organizations::${managementAccountId}:${resource}`;
}

function accountArn(organization: Organization, accountId: string): string {
  return arn(organization, `account/${organization.id}/${accountId}`);
}
