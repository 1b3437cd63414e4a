import {
  type Account,
  type AccountIndex,
  type Availability,
  accountIndex,
  type OrganizationalUnit,
  type PermissionSet,
  readAvailability,
  searchGroups,
  searchPeople,
  searchPermissionSets,
  type UnitIndex,
  unitIndex,
  whyUnavailable,
} from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { formatMinutes } from '../../platform/time.ts';
import { type Named, namedAccount, namedGroup, namedRole, namedUnit, namedUser } from '../names.ts';
import { accountsIn, countAccounts, searchUnits, unitsIn } from './unit-tree.ts';

/** One thing that was found. */
export interface Found extends Named {
  /** Why it cannot be given at the moment, for the admin to know; null where nothing stands in the way. */
  unavailable: string | null;
}

/** One line of the tree of OUs. */
export interface FoundNode {
  item: Found;
  /** What lies in it; null for what nothing lies in. */
  inside: { words: string; open: boolean; nodes: FoundNode[]; more: number } | null;
}

export interface Results {
  items: Found[];
  tree: FoundNode[];
  note: string;
}

const PER_KIND = 20;
/** What one opened OU shows; a search finds the rest. */
const MOST_INSIDE = 100;
const MOST_ACCOUNTS_INSIDE = 20;

export async function searchRequesterGroups(tx: Tx, q: string): Promise<Results> {
  const { items, nextCursor } = await searchGroups(tx, { q, limit: PER_KIND });
  return flat(items.map(namedGroup), noteOf(items.length, nextCursor !== null));
}

export async function searchPrincipals(tx: Tx, q: string): Promise<Results> {
  const groups = await searchGroups(tx, { q, limit: PER_KIND });
  // Fifty thousand people are no list to choose from; with nothing typed the groups are.
  const people =
    q === '' ? { items: [], nextCursor: null } : await searchPeople(tx, { q, limit: PER_KIND, onlyEnabled: true });
  const items = [...groups.items.map(namedGroup), ...people.items.map(namedUser)];
  const note = noteOf(items.length, groups.nextCursor !== null || people.nextCursor !== null);
  return flat(items, q === '' ? `${note} Type a name to find people too.` : note);
}

export async function searchRoles(tx: Tx, q: string): Promise<Results> {
  const { items, nextCursor } = await searchPermissionSets(tx, { q, limit: PER_KIND });
  const availability = await readAvailability(tx);
  const found = items.map((role) => foundRole(role, availability));
  return { items: found, tree: [], note: noteOf(items.length, nextCursor !== null) };
}

/** Accounts and OUs: with nothing typed the tree of OUs, opened down to `openUnit`; else what matches, OUs first. */
export async function searchPlaces(tx: Tx, q: string, openUnit: string): Promise<Results> {
  const directory = await readDirectory(tx);
  if (q === '') {
    const note =
      'These are the organizational units. Open one, or type a name or an account ID to find what lies in them.';
    const path = new Set([...(directory.units.byId.get(openUnit)?.ancestorIds ?? []), openUnit]);
    return { items: [], tree: nodesIn(directory, null, path), note };
  }
  const accounts = directory.accounts.search({ q, accept: () => true, limit: PER_KIND });
  const units = searchUnits(directory.units, q, PER_KIND);
  const items = [
    ...units.units.map((unit) => withPath(unit, foundUnit(directory, unit))),
    ...accounts.items.map((account) => foundAccount(account, directory.availability)),
  ];
  const total = accounts.total + units.total;
  const note =
    total > items.length
      ? `The first ${items.length} of ${total.toLocaleString('en')} matches. Type more letters to find others.`
      : noteOf(total, false);
  return { items, tree: [], note };
}

/** What lies directly in an OU: nodes of the tree, to be shown where it is opened. */
export async function placesInside(tx: Tx, unitId: string): Promise<FoundNode[]> {
  return nodesIn(await readDirectory(tx), unitId, new Set());
}

export function foundAccount(account: Account, availability: Availability): Found {
  return { ...namedAccount(account), unavailable: whyUnavailable({ account }, availability) };
}

export function foundRole(permissionSet: PermissionSet, availability: Availability): Found {
  const named = namedRole(permissionSet);
  const minutes = Math.round(permissionSet.sessionSeconds / 60);
  // An hour is what is usual; whoever gives longer sessions should see it while choosing.
  const session = minutes > 60 ? `sessions last ${formatMinutes(minutes)} and may outlive the access by so much` : '';
  const detail = [named.detail, session].filter(Boolean).join('; ');
  return { ...named, detail, unavailable: whyUnavailable({ permissionSet }, availability) };
}

interface Directory {
  accounts: AccountIndex;
  units: UnitIndex;
  availability: Availability;
}

async function readDirectory(tx: Tx): Promise<Directory> {
  return {
    accounts: await accountIndex(tx),
    units: await unitIndex(tx),
    availability: await readAvailability(tx),
  };
}

/** `open`: the IDs of OUs that come opened. The roots do anyway. */
function nodesIn(directory: Directory, parentId: string | null, open: ReadonlySet<string>): FoundNode[] {
  const units = unitsIn(directory.units, parentId).map((unit): FoundNode => {
    const item = foundUnit(directory, unit);
    const words = insideWords(directory, unit);
    if (words === '') return { item, inside: null };
    const isOpen = parentId === null || open.has(unit.id);
    const nodes = isOpen ? nodesIn(directory, unit.id, open) : [];
    return { item, inside: { words, open: isOpen, nodes: nodes.slice(0, MOST_INSIDE), more: moreIn(directory, unit) } };
  });
  if (parentId === null) return units;
  const accounts = accountsIn(directory.accounts, parentId, MOST_ACCOUNTS_INSIDE).map(
    (account): FoundNode => ({ item: foundAccount(account, directory.availability), inside: null }),
  );
  return [...units.slice(0, MOST_INSIDE), ...accounts];
}

/** Found by name, an OU stands alone: its path tells which of several it is. */
function withPath({ path }: OrganizationalUnit, found: Found): Found {
  return { ...found, detail: `${path}; ${found.detail}` };
}

function foundUnit({ accounts }: Directory, unit: OrganizationalUnit): Found {
  const { direct, nested } = countAccounts(accounts).get(unit.id) ?? { direct: 0, nested: 0 };
  const below = nested === direct ? '' : `, ${nested} with nested OUs`;
  return { ...namedUnit(unit), detail: `${count(direct, 'account')} directly in it${below}`, unavailable: null };
}

function insideWords({ accounts, units }: Directory, unit: OrganizationalUnit): string {
  const inside = unitsIn(units, unit.id).length;
  const direct = countAccounts(accounts).get(unit.id)?.direct ?? 0;
  return [inside > 0 && count(inside, 'unit'), direct > 0 && count(direct, 'account')].filter(Boolean).join(' and ');
}

/** What lies directly in it and is not among those shown. */
function moreIn({ accounts, units }: Directory, unit: OrganizationalUnit): number {
  const direct = countAccounts(accounts).get(unit.id)?.direct ?? 0;
  return Math.max(0, unitsIn(units, unit.id).length - MOST_INSIDE) + Math.max(0, direct - MOST_ACCOUNTS_INSIDE);
}

function flat(items: Named[], note: string): Results {
  return { items: items.map((item) => ({ ...item, unavailable: null })), tree: [], note };
}

function count(number: number, one: string): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : `${one}s`}`;
}

function noteOf(found: number, more: boolean): string {
  if (found === 0) return 'Nothing matches. Try part of a name or an ID.';
  if (more) return `The first ${found}. Type more letters to find others.`;
  return found === 1 ? 'One match.' : `${found} matches.`;
}
