import { z } from 'zod';
import type { Tx } from '../../platform/db.ts';
import { InvalidInputError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { readSettings } from '../../settings/index.ts';
import { createCursor, PAGE_SIZE, withQuery } from '../../web/index.ts';
import { readImpact } from '../impact/read-impact.ts';
import { readNames } from '../names.ts';
import type { PolicyKind } from '../types.ts';
import { PLACES, readContent, referencesOf, withKind } from './all-kinds.ts';
import { checkContent } from './apply.ts';
import { listDeclined, listWaiting, type ProposedChange } from './change-store.ts';
import { type Content, type Difference, differences, type Statement } from './difference.ts';
import { restoredFromOf } from './documents.ts';
import { readHistory, said } from './history-pages.ts';
import { findVersion } from './history-store.ts';
import { isNoLongerAdmin } from './tell-admins.ts';

export interface ChangesQuery {
  q: string;
  kind: PolicyKind | '';
  status: 'deleted' | 'declined' | '';
  cursor?: string | undefined;
}

/** What waits for a second admin, and all changes of all policies, as `views/policy/changes` shows them. */
export async function readChanges(tx: Tx, query: ChangesQuery, userId: string) {
  const address = withQuery('/admin/policy-changes', { q: query.q, kind: query.kind, status: query.status });
  const waiting = (await listWaiting(tx)).map((change) => ({
    ...headOf(change),
    own: change.proposedBy.id === userId,
  }));
  const filter = { q: query.q, kind: query.kind || undefined, deletedOnly: query.status === 'deleted' };
  const page = { address, cursor: query.cursor };
  const { settings } = await readSettings(tx);
  return {
    waiting,
    secondAdminRequired: settings.secondAdminRequired,
    ...(query.status === 'declined'
      ? { declined: true, ...(await readDeclined(tx, filter, page)) }
      : { declined: false, ...(await readHistory(tx, filter, page)) }),
    filtered: query.q !== '' || query.kind !== '' || query.status !== '',
    filters: {
      address,
      search: { value: query.q, label: 'Search by policy, admin or ticket' },
      fields: [
        { name: 'kind', label: 'Kind', type: 'select', value: query.kind, options: KINDS },
        { name: 'status', label: 'Show', type: 'select', value: query.status, options: STATUSES },
      ],
    },
  };
}

const KINDS = [
  { value: '', label: 'All kinds' },
  ...Object.entries(PLACES).map(([value, { title }]) => ({ value, label: title })),
];
const STATUSES = [
  { value: '', label: 'All changes that were made' },
  { value: 'deleted', label: 'Deleted policies' },
  { value: 'declined', label: 'Rejected or withdrawn' },
];

const cursors = createCursor(z.int().min(0).max(1_000_000_000));

async function readDeclined(
  tx: Tx,
  filter: { q: string; kind: PolicyKind | undefined },
  { address, cursor }: { address: string; cursor: string | undefined },
) {
  const from = cursors.decode(cursor) ?? 0;
  const found = await listDeclined(tx, filter, { from, limit: PAGE_SIZE + 1 });
  return {
    rows: found.slice(0, PAGE_SIZE).map(headOf),
    pagination: {
      address,
      cursor: from > 0 ? (cursor ?? null) : null,
      next: found.length > PAGE_SIZE ? cursors.encode(from + PAGE_SIZE) : null,
    },
  };
}

/** What a list tells of a proposed change. */
function headOf(change: ProposedChange) {
  const { one } = PLACES[change.kind];
  return {
    id: change.id,
    title: titleOf(change),
    kind: one.charAt(0).toUpperCase() + one.slice(1),
    at: change.proposedAt,
    by: change.proposedBy.name,
    ticket: change.ticket,
    status: change.status,
    decided: change.decided,
    comment: change.comment,
    address: `/admin/policy-changes/${change.id}`,
  };
}

function titleOf({ seen, document, name }: ProposedChange): string {
  if (seen === null) return `New: ${name}`;
  return document === null ? `Delete: ${name}` : `Change: ${name}`;
}

/** One proposed change: how it differs from the policy as it is now, and what stands in its way. */
export async function readChange(platform: Platform, change: ProposedChange, userId: string) {
  const tx = platform.db.prisma;
  const { base } = PLACES[change.kind];
  const { seen, status } = change;
  const after = change.document === null ? null : readContent(change.kind, change.document);
  const current = seen && (await currentOf(tx, change.kind, seen.id));
  // Once it is decided the policy may have gone on; then it is told from what it was proposed on.
  const then = seen && status !== 'waiting' ? await findVersion(tx, change.kind, seen.id, seen.version) : null;
  const before = then ? readContent(change.kind, then.document) : (current?.content ?? null);
  const names = await readNames(
    tx,
    [before, after].flatMap((content) => (content ? referencesOf(content) : [])),
  );
  const shown: { statements: Statement[]; differences: Difference[] } = {
    statements: before && after ? [] : said((after ?? before) as Content, names),
    differences: before && after ? differences(before, after, names) : [],
  };
  const problems = status === 'waiting' ? await problemsOf(tx, change, current) : [];
  const impact = status === 'waiting' && problems.length === 0;
  return {
    head: headOf(change),
    own: change.proposedBy.id === userId,
    authorLeft: status === 'waiting' && (await isNoLongerAdmin(platform, tx, change.proposedBy.id)),
    ...shown,
    deletes: change.document === null,
    restores: restoredPlace(change),
    againAddress: againAddress(change, current !== null),
    problems,
    impact: impact
      ? await readImpact(platform, { id: seen?.id ?? null, ...(after ?? { kind: change.kind, policy: null }) })
      : null,
    policyAddress: current && seen && `${base}/${seen.id}/edit`,
    historyAddress: seen && `${base}/${seen.id}/versions`,
  };
}

/** A form to propose it again with; null where it was not declined, or what it would delete is gone. */
function againAddress({ id, kind, seen, document, status }: ProposedChange, isThere: boolean): string | null {
  if (status !== 'rejected' && status !== 'withdrawn') return null;
  const { base } = PLACES[kind];
  if (document === null) return seen && isThere ? `${base}/${seen.id}/deletion` : null;
  return seen && isThere ? `${base}/${seen.id}/edit?change=${id}` : `${base}/new?change=${id}`;
}

/** The older version that the change would bring back; null where it brings back none. */
function restoredPlace({ kind, document }: ProposedChange): { number: number; address: string } | null {
  const restored = restoredFromOf(document);
  if (restored === null) return null;
  const { policyId, version } = restored;
  return { number: version, address: `${PLACES[kind].base}/${policyId}/versions/${version}` };
}

interface Current {
  version: number;
  changedBy: string;
  content: Content;
}

async function currentOf(tx: Tx, kind: PolicyKind, id: string): Promise<Current | null> {
  return withKind(kind, async (how) => {
    const policy = await how.find(tx, id);
    if (policy === null) return null;
    // As it would be kept: a policy is its content with an ID and a version.
    const content = readContent(kind, JSON.parse(JSON.stringify(policy)));
    return { version: policy.version, changedBy: policy.changed.byName, content };
  });
}

/** Why the change could not be confirmed as things are, one sentence each. */
async function problemsOf(tx: Tx, change: ProposedChange, current: Current | null): Promise<string[]> {
  const { seen, document, kind } = change;
  if (seen && current === null) {
    return ['The policy was deleted since this change was proposed, so it can no longer be made.'];
  }
  if (seen && current && current.version !== seen.version) {
    return [
      `${current.changedBy} changed the policy since this change was proposed, so it can no longer be made. It has to be proposed again on the policy as it is now.`,
    ];
  }
  if (document === null) return [];
  return withKind(kind, async (how) => {
    try {
      await checkContent(tx, how, how.fromDocument(document), seen && (await how.find(tx, seen.id)));
      return [];
    } catch (error) {
      if (error instanceof InvalidInputError) return Object.values(error.fields);
      throw error;
    }
  });
}
