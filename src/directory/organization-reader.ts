import {
  type Account as AwsAccount,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
} from '@aws-sdk/client-organizations';
import type { Platform } from '../platform/index.ts';
import { AwsReadError, type CallOptions, callAws, callAwsForAll } from './aws-call.ts';
import type { Account, OrganizationalUnit } from './types.ts';

/** An account with the organizational unit, or the root, directly above it. */
export interface PlacedAccount extends Account {
  parentId: string;
}

export interface OrganizationCopy {
  units: OrganizationalUnit[];
  accounts: PlacedAccount[];
}

/** The whole tree with its accounts, from AWS Organizations. Throws `AwsReadError`, also where it changed meanwhile. */
export async function readOrganization(
  platform: Platform,
  managementAccountId: string,
  call: CallOptions,
): Promise<OrganizationCopy> {
  const units = await readUnits(platform, call);
  const listed = await callAwsForAll(platform, 'organizations:ListAccounts', call, async (NextToken, options) => {
    const page = await platform.aws.organizations.send(new ListAccountsCommand({ NextToken }), options);
    return { items: page.Accounts, next: page.NextToken };
  });
  if (listed.length === 0) throw new AwsReadError('away', 'AWS Organizations listed no account at all.');

  // Where AWS tells no paths, each account is looked for under each unit: slower, and as good.
  const told = listed.every((account) => parentInPath(account) !== undefined);
  const parents = told ? null : await readParents(platform, units, call);
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const accounts = listed.map((account) => {
    const id = account.Id ?? '';
    const parent = byId.get((parents ? parents.get(id) : parentInPath(account)) ?? '');
    if (id === '' || parent === undefined) {
      throw new AwsReadError(
        'away',
        `The organization changed while it was read: ${id} lies in a unit that was not there yet.`,
      );
    }
    return {
      id,
      name: account.Name || id,
      email: account.Email ?? '',
      state: account.State ?? account.Status ?? 'UNKNOWN',
      parentId: parent.id,
      ouPath: parent.path,
      ancestorIds: [...parent.ancestorIds, parent.id],
      isManagement: id === managementAccountId,
    };
  });
  return { units, accounts };
}

async function readUnits(platform: Platform, call: CallOptions): Promise<OrganizationalUnit[]> {
  const { Roots } = await callAws(platform, 'organizations:ListRoots', call, (options) =>
    platform.aws.organizations.send(new ListRootsCommand({}), options),
  );
  const root = Roots?.[0];
  if (!root?.Id) throw new AwsReadError('away', 'AWS Organizations listed no root.');
  const name = root.Name ?? 'Root';
  const units: OrganizationalUnit[] = [{ id: root.Id, name, parentId: null, path: name, ancestorIds: [] }];
  // The list grows while it is walked: each unit's children are appended behind it.
  for (const parent of units) {
    const children = await callAwsForAll(
      platform,
      'organizations:ListOrganizationalUnitsForParent',
      call,
      async (NextToken, options) => {
        const command = new ListOrganizationalUnitsForParentCommand({ ParentId: parent.id, NextToken });
        const page = await platform.aws.organizations.send(command, options);
        return { items: page.OrganizationalUnits, next: page.NextToken };
      },
    );
    for (const child of children) {
      if (!child.Id) continue;
      const childName = child.Name || child.Id;
      units.push({
        id: child.Id,
        name: childName,
        parentId: parent.id,
        path: `${parent.path} / ${childName}`,
        ancestorIds: [...parent.ancestorIds, parent.id],
      });
    }
  }
  return units;
}

async function readParents(
  platform: Platform,
  units: OrganizationalUnit[],
  call: CallOptions,
): Promise<Map<string, string>> {
  const parents = new Map<string, string>();
  for (const { id } of units) {
    const accounts = await callAwsForAll(
      platform,
      'organizations:ListAccountsForParent',
      call,
      async (NextToken, options) => {
        const command = new ListAccountsForParentCommand({ ParentId: id, NextToken });
        const page = await platform.aws.organizations.send(command, options);
        return { items: page.Accounts, next: page.NextToken };
      },
    );
    for (const account of accounts) if (account.Id) parents.set(account.Id, id);
  }
  return parents;
}

/** The unit before the account's own ID in 'o-…/r-…/ou-…/account/'. */
function parentInPath(account: AwsAccount): string | undefined {
  const parts = account.Paths?.[0]?.split('/').filter((part) => part !== '') ?? [];
  return parts.at(-1) === account.Id ? parts.at(-2) : undefined;
}
