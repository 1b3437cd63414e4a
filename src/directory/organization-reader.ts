import {
  type Account as AwsAccount,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListRootsCommand,
} from '@aws-sdk/client-organizations';
import type { Platform } from '../platform/index.ts';
import { AwsReadError, type CallOptions, callAws, callAwsForAll, failureOf } from './aws-call.ts';
import { eachOf } from './each-of.ts';
import type { Account, OrganizationalUnit } from './types.ts';
import { readTree, type UnitTree } from './unit-tree.ts';

/** An account with the organizational unit, or the root, directly above it. */
interface PlacedAccount extends Account {
  parentId: string;
}

export interface OrganizationCopy {
  units: OrganizationalUnit[];
  accounts: PlacedAccount[];
}

/** What the copy needs of an account as AWS lists it, and the IDs above it where AWS tells them, the root first. */
interface Listed extends Pick<Account, 'id' | 'name' | 'email' | 'state'> {
  above: string[] | null;
}

/** How many units are asked for their accounts at the same time; the budget paces them. */
const AT_ONCE = 4;

/**
 * The whole tree with its accounts, from AWS Organizations. Throws `AwsReadError`, also where the organization changed
 * while it was read in a way that a second look does not settle.
 */
export async function readOrganization(
  platform: Platform,
  managementAccountId: string,
  call: CallOptions,
): Promise<OrganizationCopy> {
  // Tree and accounts draw on different limits of AWS, so both are read at the same time.
  const [tree, listed] = await Promise.all([readUnits(platform, call), listAccounts(platform, call)]);
  if (listed.length === 0) throw new AwsReadError('away', 'AWS Organizations listed no account at all.');

  // Where AWS tells no paths, each account is looked for under each unit: slower, and as good.
  const told = listed.every(({ above }) => above !== null);
  const parents = told ? null : await readParents(platform, tree, call);
  const accounts: PlacedAccount[] = [];
  for (const { above, ...account } of listed) {
    const parent = parents ? tree.get(parents.get(account.id)) : await tree.lookFor(above ?? []);
    if (parent === undefined) {
      throw new AwsReadError(
        'away',
        `The organization changed while it was read: the account ${account.id} lies in a unit that AWS did not list.`,
      );
    }
    accounts.push({
      ...account,
      parentId: parent.id,
      ouPath: parent.path,
      ancestorIds: [...parent.ancestorIds, parent.id],
      isManagement: account.id === managementAccountId,
    });
  }
  return { units: tree.units, accounts };
}

async function readUnits(platform: Platform, call: CallOptions): Promise<UnitTree> {
  const { Roots } = await callAws(platform, 'organizations:ListRoots', call, (options) =>
    platform.aws.organizations.send(new ListRootsCommand({}), options),
  );
  const root = Roots?.[0];
  if (!root?.Id) throw new AwsReadError('away', 'AWS Organizations listed no root.');
  call.onRead?.(1);
  return readTree(platform, { id: root.Id, name: root.Name ?? 'Root' }, call);
}

async function listAccounts(platform: Platform, call: CallOptions): Promise<Listed[]> {
  const listed = await callAwsForAll(platform, 'organizations:ListAccounts', call, async (NextToken, options) => {
    const page = await platform.aws.organizations.send(new ListAccountsCommand({ NextToken }), options);
    return { items: page.Accounts?.flatMap(listedFrom), next: page.NextToken };
  });
  // An account that moves while the list is read may be on two pages: what AWS says later is newer.
  return [...new Map(listed.map((account) => [account.id, account])).values()];
}

function listedFrom(account: AwsAccount): Listed[] {
  const { Id: id, Name, Email, State, Status } = account;
  if (!id) return [];
  return [
    { id, name: Name || id, email: Email ?? '', state: State ?? Status ?? 'UNKNOWN', above: unitsInPath(account) },
  ];
}

/** The IDs between organization and account in 'o-…/r-…/ou-…/account/'; null where AWS tells no path. */
function unitsInPath({ Id, Paths }: AwsAccount): string[] | null {
  const parts = Paths?.[0]?.split('/').filter((part) => part !== '') ?? [];
  return parts.length > 2 && parts.at(-1) === Id ? parts.slice(1, -1) : null;
}

async function readParents(platform: Platform, tree: UnitTree, call: CallOptions): Promise<Map<string, string>> {
  const parents = new Map<string, string>();
  const quietly = { ...call, onRead: undefined };
  await eachOf(tree.units, AT_ONCE, async ({ id }) => {
    const operation = 'organizations:ListAccountsForParent';
    const accountIds = await callAwsForAll(platform, operation, quietly, async (NextToken, options) => {
      const command = new ListAccountsForParentCommand({ ParentId: id, NextToken });
      const page = await platform.aws.organizations.send(command, options);
      return { items: page.Accounts?.flatMap((account) => account.Id ?? []), next: page.NextToken };
    }).catch((error: unknown) => {
      // A unit that was deleted meanwhile was empty.
      if (failureOf(error) === 'not-found') return [];
      throw error;
    });
    for (const accountId of accountIds) parents.set(accountId, id);
  });
  return parents;
}
