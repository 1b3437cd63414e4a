import { createHash } from 'node:crypto';
import { z } from 'zod';
import { accountIndex, findAccount, findUser, searchPeople } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { readSettings } from '../settings/index.ts';
import {
  type Combobox,
  type ComboboxChoices,
  type ComboboxOption,
  comboboxNote,
  createCursor,
  cursorTime,
  PAGE_SIZE,
  pageOf,
  searchWords,
} from '../web/index.ts';
import { FACTS, type Fact } from './compare.ts';
import { AT_ONCE } from './decision-form.ts';
import { lastDecided, lastRuns, listFindings, readDriftAge } from './page-queries.ts';

export const DRIFT = '/admin/drift';
const KINDS: Record<Fact, string> = {
  unknown: 'Unknown to Latchkey',
  removed: 'Removed outside',
  recreated: 'Given again outside',
  missing: 'Missing',
};
const RESULTS: Record<string, string> = {
  activating: 'being confirmed',
  active: 'active',
  ending: 'being taken away',
  ended: 'ended',
  revoked: 'gone',
  failed: 'failed',
};

const cursor = createCursor(z.tuple([cursorTime, z.uuid()]));
// A filter that cannot be read is no filter.
const Query = z.object({
  q: searchWords.catch(''),
  kind: z.enum(FACTS).or(z.literal('')).catch(''),
  state: z.enum(['open', 'left']).catch('open'),
  cursor: z.string().max(500).optional().catch(undefined),
  /** So many of the list are chosen from the start. */
  choose: z.coerce.number().int().min(0).max(AT_ONCE).catch(0),
});

/** The list of findings, as the address narrows it. */
export async function readFindings(tx: Tx, query: unknown, address: string) {
  const { q, kind, state, cursor: place, choose } = Query.parse(query ?? {});
  const at = cursor.decode(place);
  const after = at === null ? null : { foundAt: new Date(at[0]), id: at[1] };
  const found = await listFindings(tx, { q, kind, state, after, limit: PAGE_SIZE + 1 });
  const { rows, next } = pageOf(found.rows, ({ foundAt, id }) => cursor.encode([foundAt.toISOString(), id]));
  const { settings } = await readSettings(tx);
  return {
    rows: rows.map((row) => ({ ...row, kindWord: KINDS[row.kind] })),
    total: found.total,
    chosen: rows.slice(0, choose).map((row) => `${row.id}:${row.state}`),
    filtered: q !== '' || kind !== '' || state !== 'open',
    address,
    filters: {
      address,
      search: { value: q, label: 'Search person, account or role' },
      fields: [
        {
          name: 'kind',
          label: 'What',
          type: 'select',
          value: kind,
          options: [{ value: '', label: 'Everything' }, ...FACTS.map((value) => ({ value, label: KINDS[value] }))],
        },
        {
          name: 'state',
          label: 'Decision',
          type: 'select',
          value: state === 'open' ? '' : state,
          options: [
            { value: '', label: 'Not decided' },
            { value: 'left', label: 'Left as it is' },
          ],
        },
      ],
    },
    pagination: { address, cursor: at === null ? null : String(place), next },
    longestMinutes: settings.maxDurationMinutes,
    decided: (await lastDecided(tx, 20)).map((row) => ({
      ...row,
      kindWord: KINDS[row.kind],
      resultWord: RESULTS[row.resultStatus ?? ''] ?? '',
    })),
  };
}

/** How old the comparisons are, and how far those that were asked for have come. */
export async function readDriftState(tx: Tx) {
  const state = { age: await readDriftAge(tx), runs: await lastRuns(tx, 5) };
  return { ...state, version: createHash('sha256').update(JSON.stringify(state)).digest('base64url').slice(0, 16) };
}

export const PICKERS = ['accountId', 'userId'] as const;
export type Picker = (typeof PICKERS)[number];
const LISTED = 50;

/** What one of the two fields offers for what was typed. */
export async function readChoices(tx: Tx, field: Picker, q: string, value: string): Promise<ComboboxChoices> {
  const { options, note } = field === 'accountId' ? await accounts(tx, q) : await people(tx, q);
  return { name: field, value, groups: [{ label: '', options }], note };
}

/** The fields in which an account and a person are chosen. */
export async function readPickers(
  tx: Tx,
  chosen: Record<Picker, string>,
  typed: Record<Picker, string>,
  errors: Partial<Record<Picker, string>> = {},
): Promise<Record<Picker, Combobox>> {
  const account = chosen.accountId === '' ? null : await findAccount(tx, chosen.accountId);
  const user = chosen.userId === '' ? null : await findUser(tx, chosen.userId);
  const field = async (
    name: Picker,
    label: string,
    option: ComboboxOption | null,
    hint: string,
  ): Promise<Combobox> => ({
    ...(await readChoices(tx, name, typed[name], chosen[name])),
    label,
    hint,
    error: errors[name] ?? '',
    required: true,
    placeholder: `Choose ${name === 'accountId' ? 'an account' : 'a person'}`,
    chosen: option,
    source: `${DRIFT}/pickers/${name}`,
    search: {
      name: `${name}Query`,
      value: typed[name],
      label: name === 'accountId' ? 'Search accounts' : 'Search people',
      address: `${DRIFT}/choices`,
    },
  });
  return {
    accountId: await field(
      'accountId',
      'Account',
      account && { value: account.id, name: account.name, detail: account.id, unavailable: null },
      'Everything that people have in it.',
    ),
    userId: await field(
      'userId',
      'Person',
      user && { value: user.id, name: user.displayName, detail: user.userName, unavailable: null },
      'Everything that they have. AWS answers it to the management account only.',
    ),
  };
}

async function accounts(tx: Tx, q: string): Promise<{ options: ComboboxOption[]; note: string }> {
  const { items, total } = (await accountIndex(tx)).search({
    q,
    accept: ({ state }) => state === 'ACTIVE',
    limit: LISTED,
  });
  const options = items.map(({ id, name, ouPath }) => ({
    value: id,
    name,
    detail: `${id} · ${ouPath}`,
    unavailable: null,
  }));
  return { options, note: comboboxNote(items.length, total, q, 'accounts') };
}

async function people(tx: Tx, q: string): Promise<{ options: ComboboxOption[]; note: string }> {
  if (q === '') return { options: [], note: 'Type a name or an e-mail address to find people.' };
  const { items, nextCursor } = await searchPeople(tx, { q, limit: LISTED });
  const options = items.map(({ id, displayName, userName }) => ({
    value: id,
    name: displayName,
    detail: userName,
    unavailable: null,
  }));
  const note =
    nextCursor === null
      ? comboboxNote(items.length, items.length, q, 'people')
      : `The first ${LISTED} people: type to narrow.`;
  return { options, note };
}
