import { accountIndex, findGroups, findUsers, permissionSetIndex, unitIndex } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { splitRef } from './approval.ts';
import { isSeveralTimes } from './form/duplicates.ts';
import { lastNames, namesOfSeveral } from './names-queries.ts';

/** What a reference means, as the directory's copy has it. */
export interface Named {
  /** 'USER:id', 'GROUP:id', 'ACCOUNT:id', 'OU:id', or a permission set's ARN. */
  ref: string;
  kind: 'person' | 'group' | 'account' | 'OU' | 'role';
  /** With what tells it apart behind it, where others are called the same. */
  name: string;
  /** What else there is to know of it: a description, a user name, a path. */
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
    return this.#found.get(ref) ?? vanished(ref, undefined);
  }

  all(refs: string[]): Named[] {
    return refs.map((ref) => this.of(ref)).toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }
}

export async function readNames(tx: Tx, refs: Iterable<string>): Promise<Names> {
  const wanted = [...new Set(refs)];
  const ids = (kind: string) => wanted.filter((ref) => ref.startsWith(`${kind}:`)).map((ref) => splitRef(ref)[1]);
  const found: Named[] = [];
  const [userIds, groupIds] = [ids('USER'), ids('GROUP')];
  if (userIds.length > 0) found.push(...(await findUsers(tx, userIds)).map(namedUser));
  if (groupIds.length > 0) found.push(...(await findGroups(tx, groupIds)).map(namedGroup));
  found.push(...(await readPlaces(tx, ids('ACCOUNT'), ids('OU'))));
  const arns = wanted.filter((ref) => ref.startsWith('arn:'));
  if (arns.length > 0) {
    const { byArn } = await permissionSetIndex(tx);
    for (const arn of arns) found.push(...[byArn.get(arn)].filter((role) => role !== undefined).map(namedRole));
  }
  const known = await toldApart(tx, found);
  const there = new Set(known.map(({ ref }) => ref));
  const gone = wanted.filter((ref) => !there.has(ref));
  const last = gone.length === 0 ? new Map<string, string>() : await lastNames(tx, gone.map(bareId));
  return new Names([...known, ...gone.map((ref) => vanished(ref, last.get(bareId(ref))))]);
}

async function readPlaces(tx: Tx, accountIds: string[], unitIds: string[]): Promise<Named[]> {
  const found: Named[] = [];
  if (accountIds.length > 0) {
    const { byId } = await accountIndex(tx);
    for (const id of accountIds) found.push(...[byId.get(id)].filter((each) => each !== undefined).map(namedAccount));
  }
  if (unitIds.length > 0) {
    const { byId } = await unitIndex(tx);
    for (const id of unitIds) found.push(...[byId.get(id)].filter((each) => each !== undefined).map(namedUnit));
  }
  return found;
}

/**
 * The same, where others in the directory are called the same with what tells them apart: a group its ID, a person
 * their user name, an account its ID, an OU where it lies.
 */
export async function toldApart<Item extends Named>(tx: Tx, items: Item[]): Promise<Item[]> {
  const namesOf = (kind: Named['kind']) => items.filter((item) => item.kind === kind).map(({ name }) => name);
  const [groups, people] = [namesOf('group'), namesOf('person')];
  const several =
    groups.length + people.length === 0
      ? { groups: new Set<string>(), people: new Set<string>() }
      : await namesOfSeveral(tx, { groups, people });
  const accounts = namesOf('account').length === 0 ? [] : (await accountIndex(tx)).accounts;
  const units = namesOf('OU').length === 0 ? [] : (await unitIndex(tx)).units;
  return items.map((item) => {
    const isOneOfSeveral = {
      person: () => several.people.has(item.name),
      group: () => several.groups.has(item.name),
      account: () => isSeveralTimes(accounts, item.name),
      OU: () => isSeveralTimes(units, item.name),
      role: () => false,
    }[item.kind];
    if (!item.known || !isOneOfSeveral()) return item;
    const apart = item.kind === 'person' || item.kind === 'OU' ? item.detail : bareId(item.ref);
    return { ...item, name: `${item.name} (${apart})`, detail: apart === item.detail ? '' : item.detail };
  });
}

export function namedUser(user: { id: string; displayName: string; userName: string; enabled: boolean }): Named {
  const detail = user.enabled ? user.userName : `${user.userName}, disabled`;
  return { ref: `USER:${user.id}`, kind: 'person', name: user.displayName, detail, known: true };
}

export function namedGroup(group: { id: string; displayName: string; description: string }): Named {
  return { ref: `GROUP:${group.id}`, kind: 'group', name: group.displayName, detail: group.description, known: true };
}

export function namedAccount(account: { id: string; name: string; ouPath: string }): Named {
  const detail = `${account.id}, ${account.ouPath}`;
  return { ref: `ACCOUNT:${account.id}`, kind: 'account', name: account.name, detail, known: true };
}

export function namedUnit(unit: { id: string; name: string; path: string }): Named {
  return { ref: `OU:${unit.id}`, kind: 'OU', name: unit.name, detail: unit.path, known: true };
}

export function namedRole(role: { arn: string; name: string; description: string }): Named {
  return { ref: role.arn, kind: 'role', name: role.name, detail: role.description, known: true };
}

/** What is not in the copy. `lastName`: what it was called when it vanished, where that was seen. */
function vanished(ref: string, lastName: string | undefined): Named {
  const id = ref.startsWith('arn:') ? (ref.split('/').at(-1) ?? ref) : bareId(ref);
  const name = lastName === undefined ? id : `${lastName} (${id})`;
  return { ref, kind: KINDS[splitRef(ref)[0]] ?? 'role', name, detail: 'no longer exists', known: false };
}

const KINDS: Record<string, Named['kind']> = {
  USER: 'person',
  GROUP: 'group',
  ACCOUNT: 'account',
  OU: 'OU',
  arn: 'role',
};

/** The ID as AWS has it; of a permission set its ARN. */
function bareId(ref: string): string {
  return ref.startsWith('arn:') ? ref : splitRef(ref)[1];
}
