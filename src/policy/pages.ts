import { z } from 'zod';
import { directoryAge } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import type { FieldErrors } from '../platform/errors.ts';
import { readSettings } from '../settings/index.ts';
import { createCursor, PAGE_SIZE, withQuery } from '../web/index.ts';
import { type Fields, many, one } from './fields.ts';
import type { AnyPolicy } from './kind-of-policy.ts';
import { durationChoices, type PolicyPages } from './kinds.ts';
import { readNames } from './names.ts';
import { readPicker } from './picker.ts';
import { policyFilter } from './search.ts';
import { countUses } from './store.ts';
import { byUrgency } from './summary.ts';

const cursors = createCursor(z.int().min(0));

/** The list of one kind of policy, as `views/policy/index` shows it. */
export async function readPolicyList<P extends AnyPolicy>(
  tx: Tx,
  pages: PolicyPages<P>,
  query: { q: string; cursor?: string | undefined },
) {
  const all = await pages.list(tx);
  const matches = query.q === '' ? () => true : await policyFilter(tx, query.q);
  const policies = all.filter((policy) => matches(pages.searchable(policy)));
  const names = await readNames(
    tx,
    policies.flatMap((policy) => pages.how.references(policy)),
  );
  const uses = await countUses(tx);
  const rows = policies.map((policy) => pages.row(policy, names, uses.get(policy.id) ?? 0)).toSorted(byUrgency);
  const from = cursors.decode(query.cursor) ?? 0;
  const address = withQuery(pages.base, { q: query.q });
  return {
    base: pages.base,
    words: pages.words,
    emptyView: pages.emptyView,
    total: all.length,
    q: query.q,
    rows: rows.slice(from, from + PAGE_SIZE),
    filters: { address, search: { value: query.q, label: 'Search by name, person, account or role' } },
    pagination: {
      address,
      cursor: from > 0 ? (query.cursor ?? null) : null,
      next: from + PAGE_SIZE < rows.length ? cursors.encode(from + PAGE_SIZE) : null,
      shown: `${rows.length === all.length ? rows.length : `${rows.length} of ${all.length}`} ${all.length === 1 ? 'policy' : 'policies'}`,
    },
  };
}

/** The form of one policy as it stands, as `views/policy/edit` shows it. `policy`: what is edited; null for a new one. */
export async function readPolicyForm<P extends AnyPolicy>(
  tx: Tx,
  pages: PolicyPages<P>,
  form: { policy: { id: string; version: string } | null; fields: Fields; errors: FieldErrors },
) {
  const { fields, errors, policy } = form;
  const names = await readNames(tx, pages.references(fields));
  const { settings } = await readSettings(tx);
  const pickers: Record<string, object> = {};
  for (const field of pages.pickers) {
    const picker = await readPicker(tx, field, many(fields, field), one(fields, `${field}Query`));
    pickers[field] = { ...picker, error: errors[field] ?? null };
  }
  const values = Object.fromEntries(SINGLE_FIELDS.map((name) => [name, one(fields, name)]));
  return {
    title: policy ? `Edit ${pages.words.one}` : `New ${pages.words.one}`,
    base: pages.base,
    words: pages.words,
    formView: pages.formView,
    policy,
    values,
    errors,
    pickers,
    sentence: pages.sentence(fields, names),
    draftAddress: `${pages.base}/draft`,
    durations: durationChoices(settings.maxDurationMinutes),
    maxDurationMinutes: settings.maxDurationMinutes,
    approvalEnabled: settings.approvalEnabled,
    age: await directoryAge(tx),
  };
}

const SINGLE_FIELDS = [
  'name',
  'includeNestedOus',
  'maxDurationMinutes',
  'approvalRequired',
  'ticketRequired',
  'approvalsNeeded',
  'broaderMayDecide',
  'note',
  'restoredFrom',
];
