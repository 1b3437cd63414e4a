import { accountIndex, permissionSetIndex, searchPeople } from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { type Combobox, type ComboboxChoices, type ComboboxOption, comboboxNote } from '../../web/index.ts';
import { namedAccount, namedRole, namedUser, readNames } from '../names.ts';
import { WHO, type WhoQuery } from './input.ts';

export const WHO_FIELDS = ['person', 'account', 'role'] as const;
export type WhoField = (typeof WHO_FIELDS)[number];

const LISTED = 50;

const LOOK = {
  person: { label: 'Person', placeholder: 'Anyone', searchLabel: 'Search people', prefix: 'USER:' },
  account: { label: 'Account', placeholder: 'Any account', searchLabel: 'Search accounts', prefix: 'ACCOUNT:' },
  role: { label: 'Role', placeholder: 'Any role', searchLabel: 'Search roles', prefix: '' },
};

/** The three fields in which person, account and role are chosen. */
export async function readWhoPickers(
  tx: Tx,
  query: Pick<WhoQuery, WhoField | `${WhoField}Query`>,
): Promise<Combobox[]> {
  const names = await readNames(
    tx,
    WHO_FIELDS.filter((field) => query[field] !== '').map((field) => `${LOOK[field].prefix}${query[field]}`),
  );
  const pickers: Combobox[] = [];
  for (const field of WHO_FIELDS) {
    const { label, placeholder, searchLabel, prefix } = LOOK[field];
    const value = query[field];
    const typed = query[`${field}Query`];
    const named = value === '' ? null : names.of(`${prefix}${value}`);
    pickers.push({
      ...(await readWhoChoices(tx, field, typed, value)),
      label,
      placeholder,
      hint: '',
      error: '',
      required: false,
      chosen: named && { value, name: named.name, detail: named.detail, unavailable: null },
      source: `${WHO}/pickers/${field}`,
      search: { name: `${field}Query`, value: typed, label: searchLabel, address: WHO },
    });
  }
  return pickers;
}

/** What one of the fields offers for what was typed; whatever the copy has may be asked about. */
export async function readWhoChoices(tx: Tx, field: WhoField, q: string, value: string): Promise<ComboboxChoices> {
  const { found, total, things } = await SEARCHES[field](tx, q);
  return { name: field, value, groups: [{ label: '', options: found }], note: noteOf(total, found.length, q, things) };
}

function noteOf(total: number | null, found: number, q: string, things: string): string {
  if (total !== null) return comboboxNote(found, total, q, things);
  // Fifty thousand people are no list to choose from, and not counted at every letter.
  return q === ''
    ? `Type a name or an e-mail address to find ${things}.`
    : `The first ${found} ${things}: type to narrow.`;
}

interface Found {
  found: ComboboxOption[];
  total: number | null;
  things: string;
}

const SEARCHES: Record<WhoField, (tx: Tx, q: string) => Promise<Found>> = {
  person: async (tx, q) => {
    if (q === '') return { found: [], total: null, things: 'people' };
    const { items, nextCursor } = await searchPeople(tx, { q, limit: LISTED });
    const found = items.map((user) => option(user.id, namedUser(user)));
    return { found, total: nextCursor === null ? found.length : null, things: 'people' };
  },
  account: async (tx, q) => {
    const { items, total } = (await accountIndex(tx)).search({ q, accept: () => true, limit: LISTED });
    return { found: items.map((account) => option(account.id, namedAccount(account))), total, things: 'accounts' };
  },
  role: async (tx, q) => {
    const { permissionSets } = await permissionSetIndex(tx);
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = permissionSets.filter(({ name, description, arn }) => {
      const text = `${name} ${description} ${arn}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const found = matching.slice(0, LISTED).map((role) => option(role.arn, namedRole(role)));
    return { found, total: matching.length, things: 'roles' };
  },
};

function option(value: string, { name, detail }: { name: string; detail: string }): ComboboxOption {
  return { value, name, detail, unavailable: null };
}
