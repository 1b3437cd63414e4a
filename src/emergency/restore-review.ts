import { reviewRestore } from '../access/index.ts';
import { type Actor, record } from '../audit/index.ts';
import { askComparison } from '../drift/index.ts';
import type { Tx } from '../platform/db.ts';
import { ConflictError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { RESTORE_PAGE } from './restore-declare.ts';
import { type Comparison, readComparison, readRestore } from './restore-store.ts';
import { tellAdmins } from './tell.ts';

/** What has to be typed to go on giving access. */
export const GO_ON = 'GO ON';

export function isGoOn(typed: string): boolean {
  return typed.trim().toUpperCase() === GO_ON;
}

const SUBJECT = { kind: 'access', id: 'restore' };

export interface Review {
  /** Of which restore the list was that the person looked at. */
  restoredAt: Date;
  reason: string;
  /** Go on though not everything was compared: not every account, or not all that Latchkey gave where AWS tells not of all of it. */
  withoutRest: boolean;
}

/** Why one cannot go on yet, in a sentence; null: everything was compared, or the rest is done without. */
export function notComparedYet(comparison: Comparison, withoutRest: boolean): string | null {
  const { ownDone, ownAsked, ownExpected, ownError, ownPartly, accountsRead, accounts } = comparison;
  if (!ownDone && ownPartly) {
    if (withoutRest) return null;
    return `What Latchkey gave was compared but for a part. ${ownError} Put right what stood in the way and have it compared again, or tick that you go on without it.`;
  }
  if (!ownDone) {
    const far = ownExpected === null ? '' : `, ${ownAsked} of ${ownExpected} questions so far`;
    return ownError === null
      ? `What Latchkey gave is still being compared with AWS${far}. Wait until that is done, then look at the list again.`
      : 'What Latchkey gave could not be compared with AWS yet. Look at what stood in the way, and have it compared again.';
  }
  if (accountsRead >= accounts || withoutRest) return null;
  return `${accountsRead} of ${accounts} accounts have been compared with AWS. Wait for the rest, or tick that you go on without it.`;
}

/**
 * An administrator has looked at what a restored backup leaves uncertain: access is given again. Throws
 * `ConflictError` where somebody else did so before or the comparison is not done.
 */
export async function finishReview(platform: Platform, input: Review, actor: Actor): Promise<void> {
  await platform.db.tx(async (tx) => {
    const comparison = await readComparison(tx, input.restoredAt);
    if (!(await reviewRestore(tx, input.restoredAt, actor))) throw await movedOn(tx);
    const obstacle = notComparedYet(comparison, input.withoutRest);
    if (obstacle !== null) throw new ConflictError('not-compared', obstacle);
    await record(tx, {
      kind: 'access.restore-reviewed',
      actor,
      subject: SUBJECT,
      before: { restoredAt: input.restoredAt },
      after: { reason: input.reason, ...comparison },
    });
    await tellAdmins(
      platform,
      tx,
      `restore-reviewed.${input.restoredAt.getTime()}`,
      {
        subject: `${actor.name} has Latchkey go on giving access`,
        lead: `${actor.name} looked at what the restored backup left uncertain, and has Latchkey go on giving access.`,
        next: 'What was approved opens now, as far as its window is not over.',
        facts: [{ label: 'Reason', value: input.reason }],
        page: { path: RESTORE_PAGE, label: 'See the list' },
      },
      actor,
    );
  });
}

/** Has what Latchkey gave compared with AWS once more. */
export async function compareAgain(platform: Platform, actor: Actor): Promise<void> {
  await platform.db.tx((tx) => askComparison(platform, tx, { scope: 'own', scopeId: null }, actor));
}

async function movedOn(tx: Tx): Promise<ConflictError> {
  const restore = await readRestore(tx);
  const reviewed = restore?.reviewed ?? null;
  return new ConflictError(
    'restore-moved-on',
    reviewed
      ? `${reviewed.byName} has looked already, and access is given again. Nothing was changed.`
      : 'Another restore was declared meanwhile. Look at the list again.',
  );
}
