import type { Tx } from '../platform/db.ts';
import type { FieldErrors } from '../platform/errors.ts';
import type { Submitted } from '../web/index.ts';
import { readUncertain, type UncertainGrant } from './restore-queries.ts';
import { GO_ON, notComparedYet } from './restore-review.ts';
import { type Comparison, readComparison, readRestore } from './restore-store.ts';

/** What a comparison found, for a person's eyes. */
const FINDINGS: Record<NonNullable<UncertainGrant['finding']>, string> = {
  unknown: 'AWS has it, and the backup does not know why',
  removed: 'taken away past Latchkey',
  recreated: 'there again after Latchkey took it away',
  missing: 'should be there and is not',
};

/** The version of a comparison that nobody asked for. */
export const NO_RESTORE = 'none';

export interface ComparisonPart extends Partial<Comparison> {
  /** Changes with anything that is shown of it. */
  version: string;
  /** Why one cannot go on yet; null: everything was compared. */
  obstacle: string | null;
  /** Nothing more is going to change by itself. */
  done: boolean;
}

/** How far the comparison is that the last restore asked for. */
export async function comparisonPart(tx: Tx): Promise<ComparisonPart> {
  const restore = await readRestore(tx);
  if (restore === null) return { version: NO_RESTORE, obstacle: null, done: true };
  const comparison = await readComparison(tx, restore.at);
  const { ownDone, ownAsked, ownError, accountsRead, accounts } = comparison;
  const own = [ownDone, ownAsked, ownError !== null];
  const version = [restore.at.getTime(), restore.reviewed !== null, ...own, accountsRead, accounts];
  const obstacle = notComparedYet(comparison, false);
  return { ...comparison, version: version.join('.'), obstacle, done: obstacle === null || restore.reviewed !== null };
}

/** What the page of a restored backup shows; `wrong`: a form of it that was not taken. */
export async function restorePage(tx: Tx, wrong: { errors: FieldErrors; sent: Submitted } | null) {
  const restore = await readRestore(tx);
  const comparison = await comparisonPart(tx);
  const uncertain = restore !== null && restore.reviewed === null ? await readUncertain(tx, restore.at) : null;
  return {
    restore,
    restoredAt: restore?.at.toISOString() ?? '',
    comparison,
    uncertain: uncertain && {
      ...uncertain,
      given: { ...uncertain.given, rows: uncertain.given.rows.map(withWords) },
      waiting: { ...uncertain.waiting, rows: uncertain.waiting.rows.map(withWords) },
    },
    word: GO_ON,
    errors: wrong?.errors ?? {},
    sent: wrong?.sent ?? {},
  };
}

function withWords(grant: UncertainGrant) {
  const { observed, finding } = grant;
  const seen =
    observed === null ? 'not looked at since the restore' : observed === 'present' ? 'is there' : 'is not there';
  return { ...grant, seen, findingWords: finding === null ? null : FINDINGS[finding] };
}
