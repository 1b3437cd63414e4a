import { allowGiving, type GivingStop, stopGiving } from '../access/index.ts';
import { type Actor, record } from '../audit/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { ConflictError, type FieldErrors, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { toBeTyped } from './scope.ts';
import { EMERGENCY_PAGE, tellAdmins } from './tell.ts';

/** What has to be typed to stop giving access, and to allow it again. */
export const GIVING_WORDS = { stop: 'STOP', allow: 'ALLOW' } as const;
const SUBJECT = { kind: 'access', id: 'giving' };

export interface GivingChange {
  to: 'stop' | 'allow';
  confirmation: string;
  reason: string;
}

/**
 * Stops giving access, or allows it again. What is given stays, and requests can be made and decided; they open once
 * it is allowed again. Throws `InvalidInputError`, and `ConflictError` where somebody else did the same before.
 */
export async function changeGiving(platform: Platform, input: GivingChange, actor: Actor): Promise<void> {
  const errors = confirmationErrors(input, GIVING_WORDS[input.to]);
  if (Object.keys(errors).length > 0) throw new InvalidInputError(errors);
  await platform.db.tx(async (tx) => {
    if (input.to === 'allow') return allow(platform, tx, input.reason, actor);
    const before = await stop(platform, tx, input.reason, actor);
    if (before !== null) throw stoppedAlready(before);
  });
}

/** Stops giving access, in the caller's transaction. The stop that holds already; null: this one does. */
export async function stop(
  platform: Pick<Platform, 'config'>,
  tx: Tx,
  reason: string,
  actor: Actor,
): Promise<GivingStop | null> {
  const before = await stopGiving(tx, { id: actor.id, name: actor.name, reason });
  if (before !== null) return before;
  await record(tx, { kind: 'access.giving-stopped', actor, subject: SUBJECT, after: { reason } });
  await tellAdmins(
    platform,
    tx,
    `giving-stopped.${(await appNow(tx)).getTime()}`,
    {
      subject: `${actor.name} stopped giving access`,
      lead: `${actor.name} stopped giving new access, for the whole portal.`,
      next: 'People can ask and approvers can decide; nothing opens until an administrator allows it again. Access that is there stays until its end.',
      facts: [{ label: 'Reason', value: reason }],
      page: { path: EMERGENCY_PAGE, label: 'See how it stands' },
    },
    actor,
  );
  return null;
}

async function allow(platform: Platform, tx: Tx, reason: string, actor: Actor): Promise<void> {
  const ended = await allowGiving(tx);
  if (ended === null) {
    throw new ConflictError(
      'giving-allowed',
      'Giving access is allowed already: somebody was faster. Nothing was changed.',
    );
  }
  await record(tx, {
    kind: 'access.giving-resumed',
    actor,
    subject: SUBJECT,
    before: { ...ended },
    after: { reason },
  });
  await tellAdmins(
    platform,
    tx,
    `giving-resumed.${(await appNow(tx)).getTime()}`,
    {
      subject: `${actor.name} allowed giving access again`,
      lead: `${actor.name} allowed giving new access again, for the whole portal.`,
      next: 'What waited opens now, as far as its window is not over.',
      facts: [{ label: 'Reason', value: reason }],
      page: { path: EMERGENCY_PAGE, label: 'See how it stands' },
    },
    actor,
  );
}

/** One sentence for each of confirmation and reason that is not right. */
export function confirmationErrors(
  { confirmation, reason }: { confirmation: string; reason: string },
  word: string,
): FieldErrors {
  const errors: FieldErrors = {};
  if (confirmation.trim() !== word) errors.confirmation = `Type ${toBeTyped(word)} to go on.`;
  if (reason.trim() === '') errors.reason = 'Say why, for the other administrators and for the record.';
  else if ([...reason].length > 1000) errors.reason = 'Write at most 1,000 characters.';
  return errors;
}

function stoppedAlready(stop: GivingStop): ConflictError {
  const by = stop.cause === 'stopped' ? ` ${stop.byName} did that before: ${stop.reason}` : '';
  return new ConflictError('giving-stopped', `Giving access is stopped already.${by}`);
}
