import { z } from 'zod';
import type { Tx } from '../../platform/db.ts';
import { createCursor, PAGE_SIZE, withQuery } from '../../web/index.ts';
import { type Names, readNames } from '../names.ts';
import { PLACES, readContent, referencesOf } from './all-kinds.ts';
import { type Content, type Difference, differences, type Statement, statements } from './difference.ts';
import { restoredFromOf } from './documents.ts';
import { listVersions, type Version, type VersionFilter } from './history-store.ts';

/** One version as a row of a history. */
export interface VersionRow {
  /** 'Eligibility policy' … */
  kind: string;
  name: string;
  number: number;
  /** Created, Changed, Deleted … */
  what: string;
  at: Date;
  by: string;
  confirmedBy: string | null;
  ticket: string;
  /** All that a new policy said; empty for others. */
  statements: Statement[];
  /** How it differs from the version before. */
  differences: Difference[];
  /** This version as it was. */
  address: string;
  /** All versions of the policy. */
  history: string;
  /** A form filled with what the policy said last, where this version is its deletion. */
  restoreAddress: string | null;
}

const cursors = createCursor(z.int().min(0).max(1_000_000_000));

/** A page of versions, the latest first. `address`: the page's own, with its filters. */
export async function readHistory(
  tx: Tx,
  filter: VersionFilter,
  { address, cursor }: { address: string; cursor: string | undefined },
) {
  const from = cursors.decode(cursor) ?? 0;
  const found = await listVersions(tx, filter, { from, limit: PAGE_SIZE + 1 });
  const shown = found.slice(0, PAGE_SIZE);
  return {
    rows: await versionRows(tx, shown),
    pagination: {
      address: withQuery(address, {}),
      cursor: from > 0 ? (cursor ?? null) : null,
      next: found.length > PAGE_SIZE ? cursors.encode(from + PAGE_SIZE) : null,
    },
  };
}

export async function versionRows(tx: Tx, versions: Version[]): Promise<VersionRow[]> {
  const read = versions.map((version) => ({
    version,
    before: contentOf(version.kind, version.previous),
    after: contentOf(version.kind, version.document),
  }));
  const names = await readNames(
    tx,
    read.flatMap(({ before, after }) => [before, after].flatMap((content) => (content ? referencesOf(content) : []))),
  );
  return read.map(({ version, before, after }) => rowOf(version, before, after, names));
}

function rowOf(version: Version, before: Content | null, after: Content | null, names: Names): VersionRow {
  const { base, one } = PLACES[version.kind];
  const history = `${base}/${version.policyId}/versions`;
  return {
    kind: one.charAt(0).toUpperCase() + one.slice(1),
    name: version.name,
    number: version.version,
    what: whatOf(version),
    at: version.changedAt,
    by: version.changedBy.name,
    confirmedBy: version.confirmedBy?.name ?? null,
    ticket: version.ticket,
    statements: before === null && after !== null ? said(after, names) : [],
    differences: before !== null && after !== null ? differences(before, after, names) : [],
    address: `${history}/${version.version}`,
    history,
    restoreAddress:
      after === null && before !== null ? `${base}/new?from=${version.policyId}&version=${version.version - 1}` : null,
  };
}

/** What the policy says, without what it leaves empty. */
export function said(content: Content, names: Names): Statement[] {
  return statements(content, names).filter(({ values }) => values.some((value) => value !== ''));
}

function whatOf({ document, previous, version, policyId }: Version): string {
  if (document === null) return 'Deleted';
  const restored = restoredFromOf(document);
  if (restored === null) return previous === null && version === 1 ? 'Created' : 'Changed';
  return restored.policyId === policyId
    ? `Restored from version ${restored.version}`
    : `Restored from version ${restored.version} of a deleted policy`;
}

function contentOf(kind: Version['kind'], document: unknown): Content | null {
  return document === null ? null : readContent(kind, document);
}
