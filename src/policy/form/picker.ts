import { accountIndex, permissionSetIndex, readAvailability } from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { splitRef } from '../approval.ts';
import { type Named, readNames, toldApart } from '../names.ts';
import {
  type Found,
  type FoundNode,
  foundAccount,
  foundRole,
  placesInside,
  type Results,
  searchPlaces,
  searchPrincipals,
  searchRequesterGroups,
  searchRoles,
} from './picker-search.ts';

/** The fields that are chosen by searching; approvers once for each step. */
export const PICKER_FIELDS = [
  'principals',
  'approvers',
  'approvers2',
  'approvers3',
  'approvers4',
  'approvers5',
  'targets',
  'exclusions',
  'permissionSets',
  'requesterGroups',
] as const;
export type PickerField = (typeof PICKER_FIELDS)[number];

/** One thing to choose. */
export interface Option {
  value: string;
  name: string;
  /** What tells it from others of the same name. */
  detail: string;
  /** Person, group, account, OU, role. */
  kind: string;
  known: boolean;
  /** Chosen already: it stands above, and is not offered twice. */
  taken: boolean;
  /** Why it cannot be given at the moment; null where nothing stands in the way. */
  unavailable: string | null;
}

/** One line of the tree of OUs. */
export interface TreeNode {
  option: Option;
  /** What lies in it. Open without nodes: they have to be asked for. */
  inside: { words: string; open: boolean; nodes: TreeNode[]; more: number } | null;
}

/** What `views/policy/_picker` and `_picker-choices` show. */
export interface Picker {
  field: PickerField;
  query: string;
  chosen: Option[];
  results: Option[];
  tree: TreeNode[];
  /** Results of several kinds: each then says which it is. */
  mixed: boolean;
  /** How many there are, or what to type. */
  note: string;
}

/** What the field asks for. */
export interface Asked {
  chosen: string[];
  query: string;
  /** The OU that was asked to be opened in the tree. */
  openUnit: string;
}

/** Searches for what the field takes. What is chosen stays, whether the search finds it or not. */
export async function readPicker(tx: Tx, field: PickerField, { chosen, query, openUnit }: Asked): Promise<Picker> {
  const values = [...new Set(chosen)];
  const taken = new Set(values);
  const refs = values.map((value) => refOf(field, value));
  const names = await readNames(tx, refs);
  const own = await withReasons(
    tx,
    refs.map((ref) => names.of(ref)),
  );
  const { items, tree, note } = await search(tx, field, query, openUnit);
  const results = await toldApart(tx, items);
  return {
    field,
    query,
    chosen: own.map((item) => toOption(field, item, new Set())),
    results: results.map((item) => toOption(field, item, taken)),
    tree: toTree(field, tree, taken),
    mixed: new Set([...items, ...tree.map((node) => node.item)].map((item) => item.kind)).size > 1,
    note,
  };
}

/** What lies in an OU of the tree of this field. */
export async function readInside(tx: Tx, field: PickerField, unitId: string, chosen: string[]): Promise<TreeNode[]> {
  return toTree(field, await placesInside(tx, unitId), new Set(chosen));
}

function search(tx: Tx, field: PickerField, query: string, openUnit: string): Promise<Results> {
  switch (field) {
    case 'targets':
    case 'exclusions':
      return searchPlaces(tx, query, openUnit);
    case 'permissionSets':
      return searchRoles(tx, query);
    case 'requesterGroups':
      return searchRequesterGroups(tx, query);
    default:
      return searchPrincipals(tx, query);
  }
}

/** With why it cannot be given, as results have it. */
async function withReasons(tx: Tx, items: Named[]): Promise<Found[]> {
  const availability = await readAvailability(tx);
  const { byId } = await accountIndex(tx);
  const { byArn } = await permissionSetIndex(tx);
  return items.map((item) => {
    const account = item.kind === 'account' ? byId.get(splitRef(item.ref)[1]) : undefined;
    const role = item.kind === 'role' ? byArn.get(item.ref) : undefined;
    const found = account ? foundAccount(account, availability) : role ? foundRole(role, availability) : null;
    return { ...item, unavailable: found?.unavailable ?? null };
  });
}

/** How `readNames` calls a value of the field: requester groups come as bare IDs. */
function refOf(field: PickerField, value: string): string {
  return field === 'requesterGroups' ? `GROUP:${value.replace(/^GROUP:/, '')}` : value;
}

function toTree(field: PickerField, nodes: FoundNode[], taken: ReadonlySet<string>): TreeNode[] {
  return nodes.map(({ item, inside }) => ({
    option: toOption(field, item, taken),
    inside: inside && { ...inside, nodes: toTree(field, inside.nodes, taken) },
  }));
}

function toOption(field: PickerField, found: Found, taken: ReadonlySet<string>): Option {
  const { ref, name, detail, kind, known, unavailable } = found;
  const value = field === 'requesterGroups' ? ref.replace(/^GROUP:/, '') : ref;
  return { value, name, detail, kind, known, unavailable, taken: taken.has(value) };
}
