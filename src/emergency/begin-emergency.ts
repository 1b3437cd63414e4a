import { lockGiving } from '../access/index.ts';
import { type Actor, record } from '../audit/index.ts';
import { isDeadlock, type Tx } from '../platform/db.ts';
import { ConflictError, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { confirmationErrors, stop } from './change-giving.ts';
import { resolveScope } from './resolve-scope.ts';
import { type Scope, type ScopeKind, scopeInWords } from './scope.ts';
import { countUncovered, type Emergency, emergencyUnderWay, insertEmergency, lockEmergencies } from './store.ts';
import { EMERGENCY_PAGE, tellAdmins } from './tell.ts';

export interface BeginEmergency {
  kind: ScopeKind;
  /** The user or account ID, or a user name; '' for all. */
  id: string;
  confirmation: string;
  reason: string;
  alsoStopGiving: boolean;
}

/** Everything of it is being ended already, or there is nothing to end. */
export class NothingToEnd extends ConflictError {
  /** The one under way; null where nothing goes. */
  readonly emergency: Emergency | null;

  constructor(scope: Scope, emergency: Emergency | null) {
    super(
      emergency ? 'emergency-under-way' : 'nothing-to-end',
      emergency
        ? `Latchkey is ending ${scopeInWords(scope)} already; ${emergency.startedByName} began it.`
        : `There is nothing to end: ${scopeInWords(scope)} is none at the moment.`,
    );
    this.emergency = emergency;
  }
}

/** So often it is tried where the database ends it for another transaction: the worst hour is the busiest one. */
const TRIES = 3;

/**
 * Writes down that all access of a person, in an account, or everywhere ends; whoever is there does the rest
 * (`sweep`), also where this process does not live to. With the wish, giving stops in the same transaction. Throws
 * `InvalidInputError`, `NotFoundError`, and `NothingToEnd` where there is nothing that is not being ended already.
 */
export async function beginEmergency(platform: Platform, input: BeginEmergency, actor: Actor): Promise<Emergency> {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      return await platform.db.tx((tx) => begin(platform, tx, input, actor));
    } catch (error) {
      if (!isDeadlock(error) || left === 0) throw error;
    }
  }
}

async function begin(platform: Platform, tx: Tx, input: BeginEmergency, actor: Actor): Promise<Emergency> {
  const scope = await resolveScope(tx, input.kind, input.id);
  const errors = confirmationErrors(input, scope.confirmation);
  if (Object.keys(errors).length > 0) throw new InvalidInputError(errors);
  await lockGiving(tx, { stops: input.alsoStopGiving });
  await lockEmergencies(tx);
  const grants = await countUncovered(tx, scope);
  if (grants === 0) throw new NothingToEnd(scope, await emergencyUnderWay(tx, scope));
  // First: what is approved from here on waits, and what was approved before is ended.
  if (input.alsoStopGiving) await stop(platform, tx, input.reason, actor);
  const emergency = await insertEmergency(tx, scope, { reason: input.reason, grants, by: actor });
  await tell(platform, tx, scope, emergency, actor);
  return emergency;
}

async function tell(platform: Platform, tx: Tx, scope: Scope, emergency: Emergency, actor: Actor): Promise<void> {
  const { id, reason, grants } = emergency;
  await record(tx, {
    kind: 'emergency.begun',
    actor,
    subject: { kind: 'emergency', id },
    after: { scope: scope.kind, scopeId: scope.id, scopeName: scope.name, reason, grants },
  });
  await tellAdmins(
    platform,
    tx,
    `emergency.${id}`,
    {
      subject: `${actor.name} ends ${scopeInWords(scope)}`,
      lead: `${actor.name} is ending ${scopeInWords(scope)}.`,
      next: 'The page shows how far it is, and what AWS has not confirmed yet.',
      facts: [
        { label: 'Reason', value: reason },
        { label: 'Grants', value: String(grants) },
      ],
      page: { path: `${EMERGENCY_PAGE}/${id}`, label: 'See how far it is' },
    },
    actor,
  );
}
