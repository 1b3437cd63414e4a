import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import type { CallOptions } from './aws-call.ts';
import { readGroups, readMemberships, readPermissionSets, readUsers } from './aws-reader.ts';
import { type Changes, replaceRows } from './copy-store.ts';
import { ACCOUNTS, GROUPS, MEMBERSHIPS, PERMISSION_SETS, UNITS, USERS } from './copy-tables.ts';
import type { Instance } from './instance.ts';
import { readOrganization } from './organization-reader.ts';
import type { Progress } from './progress.ts';
import type { SyncKind } from './runs-store.ts';
import { permissionSetsInManagementAccount } from './store.ts';
import type { PermissionSet } from './types.ts';

export interface ReadOptions {
  /** The groups whose members policies and personas need to know. */
  groups: () => Promise<string[]>;
  /** Called in the storing transaction with the permission sets that newly are in the management account. */
  onReachedManagementAccount?: (tx: Tx, permissionSets: PermissionSet[]) => Promise<void>;
}

/** One kind as AWS has it now, complete, and ready to be stored. */
export interface Read {
  rows: number;
  /** `tell`: what changed goes into the list of changes. */
  store(tx: Tx, how: { tell: boolean }): Promise<Changes>;
}

/** Reads all of one kind. Throws `AwsReadError` where any part of it cannot be read. */
export async function readKind(
  platform: Platform,
  kind: SyncKind,
  instance: Instance,
  options: ReadOptions,
  call: CallOptions,
  progress: Progress,
): Promise<Read> {
  switch (kind) {
    case 'organization': {
      const { units, accounts } = await readOrganization(platform, instance.managementAccountId, call);
      return {
        rows: accounts.length + units.length,
        store: async (tx, { tell }) =>
          sum(await replaceRows(tx, UNITS, units, tell), await replaceRows(tx, ACCOUNTS, accounts, tell)),
      };
    }
    case 'permission_sets': {
      const permissionSets = await readPermissionSets(platform, instance, call, progress);
      return {
        rows: permissionSets.length,
        store: async (tx, { tell }) => {
          const before = new Set(await permissionSetsInManagementAccount(tx));
          const changes = await replaceRows(tx, PERMISSION_SETS, permissionSets, tell);
          const reached = permissionSets.filter((each) => each.inManagementAccount && !before.has(each.arn));
          if (reached.length > 0) await options.onReachedManagementAccount?.(tx, reached);
          return changes;
        },
      };
    }
    case 'users': {
      const users = await readUsers(platform, instance, call);
      return { rows: users.length, store: (tx, { tell }) => replaceRows(tx, USERS, users, tell) };
    }
    case 'groups': {
      const groups = await readGroups(platform, instance, call);
      return { rows: groups.length, store: (tx, { tell }) => replaceRows(tx, GROUPS, groups, tell) };
    }
    case 'memberships': {
      const members = await readMemberships(platform, instance, await options.groups(), call, progress);
      return { rows: members.length, store: (tx, { tell }) => replaceRows(tx, MEMBERSHIPS, members, tell) };
    }
  }
}

function sum(one: Changes, other: Changes): Changes {
  return {
    added: one.added + other.added,
    changed: one.changed + other.changed,
    removed: one.removed + other.removed,
  };
}
