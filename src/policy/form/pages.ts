import { z } from 'zod';
import { appNow, type Tx } from '../../platform/db.ts';
import { createCursor, PAGE_SIZE, withQuery } from '../../web/index.ts';
import { listWaiting } from '../change/change-store.ts';
import type { AnyPolicy } from '../change/kind-of-policy.ts';
import { readNames } from '../names.ts';
import { countUses } from '../store.ts';
import type { PolicyPages } from './kinds.ts';
import { policyFilter } from './search.ts';
import { byUrgency, type PolicyRow } from './summary.ts';

/** What a list can be narrowed to. */
export const POLICY_STATUSES = ['stale', 'in-force', 'disabled', 'not-yet', 'over'] as const;
export type PolicyStatus = (typeof POLICY_STATUSES)[number];

const STATUS_LABELS: Record<PolicyStatus, string> = {
  stale: 'Names what no longer exists',
  'in-force': 'In force',
  disabled: 'Disabled',
  'not-yet': 'Not yet',
  over: 'Over',
};

const cursors = createCursor(z.int().min(0));

/** The list of one kind of policy, as `views/policy/index` shows it. */
export async function readPolicyList<P extends AnyPolicy>(
  tx: Tx,
  pages: PolicyPages<P>,
  query: { q: string; status: PolicyStatus | ''; cursor?: string | undefined },
) {
  const { q, status } = query;
  const all = await pages.list(tx);
  const matches = q === '' ? () => true : await policyFilter(tx, q);
  const policies = all.filter((policy) => matches(pages.searchable(policy)));
  const names = await readNames(
    tx,
    policies.flatMap((policy) => pages.how.references(policy)),
  );
  const uses = await countUses(tx);
  const now = await appNow(tx);
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  const rows = policies
    .map((policy) => pages.row(policy, { names, uses: uses.get(policy.id) ?? 0, now }))
    .filter((row) => hasStatus(row, status))
    .toSorted(byUrgency);
  const from = cursors.decode(query.cursor) ?? 0;
  const address = withQuery(pages.base, { q, status });
  const shown = rows.slice(from, from + PAGE_SIZE);
  const warnings = await pages.warnings(
    tx,
    shown.flatMap(({ id }) => byId.get(id) ?? []),
  );
  const waiting = new Map((await listWaiting(tx)).map(({ id, seen }) => [seen?.id, `/admin/policy-changes/${id}`]));
  const statuses = pages.hasTimes ? POLICY_STATUSES : POLICY_STATUSES.slice(0, 1);
  return {
    base: pages.base,
    words: pages.words,
    emptyView: pages.emptyView,
    total: all.length,
    deletedAddress: `/admin/policy-changes?status=deleted&kind=${pages.how.kind}`,
    /** Requests are counted by the policies that they rest on; guardrails are none of them. */
    counted: pages.hasTimes,
    rows: shown.map((row) => ({
      ...row,
      warnings: [...row.warnings, ...(warnings.get(row.id) ?? [])],
      /** Where the change of it is that waits for another admin. */
      waitingAddress: waiting.get(row.id) ?? null,
    })),
    filters: {
      address,
      search: { value: q, label: 'Search by name, person, account or role' },
      fields: [
        {
          name: 'status',
          label: 'Status',
          type: 'select',
          value: status,
          options: [{ value: '', label: 'All' }, ...statuses.map((value) => ({ value, label: STATUS_LABELS[value] }))],
        },
      ],
    },
    pagination: {
      address,
      cursor: from > 0 ? (query.cursor ?? null) : null,
      next: from + PAGE_SIZE < rows.length ? cursors.encode(from + PAGE_SIZE) : null,
      shown: `${rows.length === all.length ? rows.length : `${rows.length} of ${all.length}`} ${all.length === 1 ? pages.words.one : pages.words.title.toLowerCase()}`,
    },
  };
}

function hasStatus(row: PolicyRow, status: PolicyStatus | ''): boolean {
  if (status === '') return true;
  return status === 'stale' ? row.stale : row.state === status;
}
