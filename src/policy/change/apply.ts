import { type Actor, record } from '../../audit/index.ts';
import { requestSync } from '../../directory/index.ts';
import { appNow, type Tx, violates } from '../../platform/db.ts';
import { ConflictError, type FieldErrors, InvalidInputError, NotFoundError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { readSettings, type Settings, ticketMistake } from '../../settings/index.ts';
import { readNames } from '../names.ts';
import { POLICIES_CHANGED } from '../queues.ts';
import { type Author, isNameTaken, keepVersion, lockPolicy, removePolicy, type Stored } from '../store.ts';
import type { PolicyContent } from '../types.ts';
import { type AnyPolicy, type KindOfPolicy, type Seen, subjectKind } from './kind-of-policy.ts';

/** Who changes a policy: the author, and where a second admin had to agree, who agreed and so made it hold. */
export interface Hand {
  actor: Actor;
  /** Where the change waited for another admin: who had proposed it. `actor` is then who confirmed it. */
  proposedBy: Author | null;
}

/** What a saved policy was before, where an older version was brought back. */
export interface RestoredFrom {
  policyId: string;
  version: number;
}

/** The policy as the person saw it, held until the transaction ends. Throws where it is gone or somebody changed it since. */
export async function lockAsSeen<P extends AnyPolicy>(
  tx: Tx,
  how: KindOfPolicy<P>,
  { id, version }: Seen,
): Promise<Stored<P>> {
  await lockPolicy(tx, how.kind, id);
  const current = await how.find(tx, id);
  if (current === null) {
    throw new NotFoundError(
      'policy-gone',
      'This policy does not exist any more: someone deleted it. Nothing of yours was stored.',
    );
  }
  if (current.version !== version) {
    const { byName } = current.changed;
    throw new ConflictError(
      'policy-changed',
      `${byName} changed this policy while you had it open. Nothing of yours was stored: open it again to see it as it is now, and change it there.`,
    );
  }
  return current;
}

/** Throws `InvalidInputError` with a sentence for each field in which the policy cannot be saved as it is. */
export async function checkContent<P extends AnyPolicy>(
  tx: Tx,
  how: KindOfPolicy<P>,
  content: PolicyContent<P> & { name: string; ticket: string },
  before: Stored<P> | null,
): Promise<void> {
  const { settings } = await readSettings(tx);
  const mistakes = {
    ...ticketMistakes(settings, content.ticket),
    ...how.mistakes(content, {
      names: await readNames(tx, how.references(content)),
      nameTaken: await isNameTaken(tx, how.kind, content.name, before?.id),
      maxDurationMinutes: settings.maxDurationMinutes,
      before: new Set(before ? how.references(before) : []),
    }),
  };
  if (Object.keys(mistakes).length > 0) throw new InvalidInputError(mistakes);
}

/** Throws `InvalidInputError` where the ticket is missing and has to be there, or looks wrong. */
export async function checkTicket(tx: Tx, ticket: string): Promise<void> {
  const mistakes = ticketMistakes((await readSettings(tx)).settings, ticket);
  if (Object.keys(mistakes).length > 0) throw new InvalidInputError(mistakes);
}

function ticketMistakes(settings: Settings, ticket: string): FieldErrors {
  if (ticket === '' && settings.policyTicketRequired) {
    return { ticket: 'Every change of a policy names the ticket that asks for it. Fill in its number.' };
  }
  const mistake = ticketMistake(settings, ticket);
  return mistake === null ? {} : { ticket: mistake };
}

/** Writes the checked content as the policy's next version, or as a new policy, with all that follows from it. */
export async function applyContent<P extends AnyPolicy>(
  platform: Pick<Platform, 'queue'>,
  tx: Tx,
  how: KindOfPolicy<P>,
  change: { before: Stored<P> | null; content: PolicyContent<P>; restoredFrom: RestoredFrom | null },
  { actor, proposedBy }: Hand,
): Promise<Stored<P>> {
  const { before, content, restoredFrom } = change;
  const now = await appNow(tx);
  const author = proposedBy ?? actor;
  const which = { id: before?.id, version: (before?.version ?? 0) + 1 };
  const after = await how.write(tx, which, content, author, now);
  const { id: policyId, version, name, ticket } = after;
  const document = { ...contentOf(after), ...(restoredFrom ? { restoredFrom } : {}) };
  const confirmedBy = proposedBy && actor;
  await keepVersion(tx, how.kind, { policyId, version, name, ticket, document, confirmedBy }, author, now);
  await record(tx, {
    kind: `${subjectKind(how.kind)}.${before ? 'changed' : 'created'}`,
    actor,
    subject: { kind: subjectKind(how.kind), id: policyId },
    ...(before ? { before: { version: before.version, ...contentOf(before) } } : {}),
    after: { version, ...document, ...(proposedBy ? { proposedBy: { ...proposedBy } } : {}) },
  });
  await platform.queue.send(tx, POLICIES_CHANGED, {});
  // The members of a group are copied only once some policy names it.
  const known = new Set(before ? how.references(before) : []);
  const added = how.references(content).filter((ref) => ref.startsWith('GROUP:') && !known.has(ref));
  if (added.length > 0) await requestSync(platform, tx, actor, ['memberships']);
  return after;
}

/** Deletes the policy, which was locked as it was seen, with all that follows from it. */
export async function applyDeletion<P extends AnyPolicy>(
  platform: Pick<Platform, 'queue'>,
  tx: Tx,
  how: KindOfPolicy<P>,
  change: { before: Stored<P>; ticket: string },
  { actor, proposedBy }: Hand,
): Promise<void> {
  const { before, ticket } = change;
  const { id: policyId, name } = before;
  const now = await appNow(tx);
  await removePolicy(tx, how.kind, policyId);
  const version = { policyId, version: before.version + 1, name, ticket, document: null };
  await keepVersion(tx, how.kind, { ...version, confirmedBy: proposedBy && actor }, proposedBy ?? actor, now);
  await record(tx, {
    kind: `${subjectKind(how.kind)}.deleted`,
    actor,
    subject: { kind: subjectKind(how.kind), id: policyId },
    before: { version: before.version, ...contentOf(before) },
    ...(ticket || proposedBy ? { after: { ticket, ...(proposedBy ? { proposedBy: { ...proposedBy } } : {}) } } : {}),
  });
  await platform.queue.send(tx, POLICIES_CHANGED, {});
}

/** What the policy says, in the same order of fields for every version. */
export function contentOf(policy: object): Record<string, unknown> {
  const entries = Object.entries(policy).filter(([key]) => key !== 'id' && key !== 'version' && key !== 'changed');
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function sameContent(a: object, b: object): boolean {
  return JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b));
}

/** Two admins may choose the same name at the same moment; the index then refuses the second, as a wrong name. */
export async function withNamesApart<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!NAME_INDEXES.some((index) => violates(error, index))) throw error;
    throw new InvalidInputError({
      name: 'Another policy has this name. Choose a name that says how this one differs.',
    });
  }
}

const NAME_INDEXES = ['eligibility_policies_name_unique', 'approval_policies_name_unique', 'guardrails_name_unique'];
