import { findAccounts, findGroups, findPermissionSets, findUsers } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { splitRef } from './approval.ts';
import { findUnits } from './units.ts';

/** What a reference means, as the directory's copy has it. */
export interface Named {
  /** 'USER:id', 'GROUP:id', 'ACCOUNT:id', 'OU:id', or a permission set's ARN. */
  ref: string;
  kind: 'person' | 'group' | 'account' | 'OU' | 'role';
  name: string;
  /** What tells it from others of the same name. */
  detail: string;
  /** False: it no longer exists, or never did. */
  known: boolean;
}

/** The names of references; whatever the copy does not have is there too, marked as unknown. */
export class Names {
  readonly #found: ReadonlyMap<string, Named>;

  constructor(found: Iterable<Named>) {
    this.#found = new Map([...found].map((named) => [named.ref, named]));
  }

  of(ref: string): Named {
    return (
      this.#found.get(ref) ?? { ref, kind: kindOf(ref), name: idOf(ref), detail: 'no longer exists', known: false }
    );
  }

  all(refs: string[]): Named[] {
    return refs.map((ref) => this.of(ref)).toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }
}

export async function readNames(tx: Tx, refs: Iterable<string>): Promise<Names> {
  const ids = { USER: [], GROUP: [], ACCOUNT: [], OU: [], arn: [] } as Record<string, string[]>;
  for (const ref of new Set(refs)) {
    const [kind, id] = splitRef(ref);
    ids[kind]?.push(kind === 'arn' ? ref : id);
  }
  const users = await findUsers(tx, ids.USER ?? []);
  const groups = await findGroups(tx, ids.GROUP ?? []);
  const accounts = await findAccounts(tx, ids.ACCOUNT ?? []);
  const units = await findUnits(tx, ids.OU ?? []);
  const roles = await findPermissionSets(tx, ids.arn ?? []);
  return new Names([
    ...users.map(namedUser),
    ...groups.map(namedGroup),
    ...accounts.map(namedAccount),
    ...units.map(namedUnit),
    ...roles.map(namedRole),
  ]);
}

export function namedUser(user: { id: string; displayName: string; userName: string; enabled: boolean }): Named {
  const detail = user.enabled ? user.userName : `${user.userName}, disabled`;
  return { ref: `USER:${user.id}`, kind: 'person', name: user.displayName, detail, known: true };
}

export function namedGroup(group: { id: string; displayName: string; description: string }): Named {
  return { ref: `GROUP:${group.id}`, kind: 'group', name: group.displayName, detail: group.description, known: true };
}

export function namedAccount(account: { id: string; name: string; ouPath: string; state: string }): Named {
  const state = account.state === 'ACTIVE' ? '' : `, ${account.state.toLowerCase()}`;
  return {
    ref: `ACCOUNT:${account.id}`,
    kind: 'account',
    name: account.name,
    detail: `${account.id}, ${account.ouPath}${state}`,
    known: true,
  };
}

export function namedUnit(unit: { id: string; name: string; path: string }): Named {
  return { ref: `OU:${unit.id}`, kind: 'OU', name: unit.name, detail: unit.path, known: true };
}

export function namedRole(role: { arn: string; name: string; description: string }): Named {
  return { ref: role.arn, kind: 'role', name: role.name, detail: role.description, known: true };
}

const KINDS: Record<string, Named['kind']> = {
  USER: 'person',
  GROUP: 'group',
  ACCOUNT: 'account',
  OU: 'OU',
  arn: 'role',
};

function kindOf(ref: string): Named['kind'] {
  return KINDS[splitRef(ref)[0]] ?? 'role';
}

function idOf(ref: string): string {
  const [kind, id] = splitRef(ref);
  return kind === 'arn' ? (ref.split('/').at(-1) ?? ref) : id;
}
