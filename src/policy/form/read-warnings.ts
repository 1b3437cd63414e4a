import { directoryAge, permissionSetIndex } from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { readSettings } from '../../settings/index.ts';
import { compilePlaces, coversPlace, type Place, type Policies } from '../compile.ts';
import { groupsNamedIn, type PolicyChange, withChange } from '../impact/change.ts';
import { readAudience, withoutCopy } from '../impact/queries.ts';
import { loadPolicies } from '../load-store.ts';
import { readNames } from '../names.ts';
import { isCopyOfMembersAwaited } from '../queries.ts';
import type { EligibilityPolicy, PolicyContent } from '../types.ts';
import { readPlaces } from './read-places.ts';
import { readStuck } from './read-stuck.ts';
import { aboutOf } from './unfulfillable.ts';
import { durationWarning, guardrailWarnings, placeWarning, refsOfStuck, stuckSentences } from './warnings.ts';

const NOBODY_YET: ReadonlyMap<string, string[]> = new Map();

/**
 * What to think of twice about a policy as it stands, saved or not, one sentence each; from the directory's copy. A
 * policy that is switched off or over gives nothing to think of; one that begins later is looked at as of then.
 */
export async function readWarnings(tx: Tx, change: PolicyChange, now: Date): Promise<string[]> {
  const { kind, policy } = change;
  if (policy === null || !mayHold(change, now)) return [];
  const at = kind !== 'guardrail' && policy.startsAt !== null && policy.startsAt > now ? policy.startsAt : now;
  const known = await loadPolicies(tx);
  const places = await readPlaces(tx);
  const warnings: string[] = [];
  if (kind !== 'guardrail') warnings.push(...present(placeWarning(compilePlaces(policy), places)));
  const { settings } = await readSettings(tx);
  if (kind === 'guardrail' && policy.maxDurationMinutes !== null) {
    const result = 'nobody is given anything for which this guardrail holds';
    warnings.push(...present(durationWarning(policy.maxDurationMinutes, settings, result)));
  }
  if (kind === 'eligibility') {
    warnings.push(...present(durationWarning(policy.maxDurationMinutes, settings)));
    warnings.push(...present(await nobodyWarning(tx, policy, known)));
    warnings.push(...(await readGuardrailWarnings(tx, policy, known, places)));
  }
  warnings.push(...(await stuckWarnings(tx, change, withChange(known, change), places, at)));
  return warnings;
}

/** What guardrails make of what the policy says: see `guardrailWarnings`. */
export async function readGuardrailWarnings(
  tx: Tx,
  policy: PolicyContent<EligibilityPolicy>,
  { guardrails }: Pick<Policies, 'guardrails'>,
  all?: readonly Place[],
): Promise<string[]> {
  if (guardrails.length === 0) return [];
  const places = compilePlaces(policy);
  const covered = (all ?? (await readPlaces(tx))).filter((place) => coversPlace(places, place));
  const { byArn } = await permissionSetIndex(tx);
  return guardrailWarnings(policy, covered, guardrails, (arn) => byArn.get(arn)?.name ?? arn);
}

/** When the members of groups were copied last; of groups that were named later nobody is known yet. */
export async function membersCopiedAt(tx: Tx): Promise<Date | null> {
  return (await directoryAge(tx)).kinds.find(({ kind }) => kind === 'memberships')?.succeededAt ?? null;
}

async function nobodyWarning(
  tx: Tx,
  { principals }: PolicyContent<EligibilityPolicy>,
  known: Policies,
): Promise<string | null> {
  if (principals.length === 0 || (await areUnknown(tx, principals, known))) return null;
  const people = await readAudience(tx, principals, [], NOBODY_YET);
  return people.length > 0 ? null : 'Nobody can use this policy: there is no enabled person among those who may ask.';
}

/** True where the members of some group are not copied yet, because no policy names it so far or since a moment only. */
async function areUnknown(tx: Tx, refs: string[], known: Policies): Promise<boolean> {
  const groups = refs.filter((ref) => ref.startsWith('GROUP:')).map((ref) => ref.slice('GROUP:'.length));
  const empty = await withoutCopy(tx, groups);
  const named = groupsNamedIn(known);
  return empty.some((id) => !named.has(id)) || (empty.length > 0 && (await isCopyOfMembersAwaited(tx)));
}

async function stuckWarnings(
  tx: Tx,
  change: PolicyChange,
  policies: Policies,
  places: Place[],
  now: Date,
): Promise<string[]> {
  const about = aboutOf(change);
  if (about === null) return [];
  const own = change.kind === 'approval' && change.policy ? change.policy.steps.flatMap((step) => step.approvers) : [];
  if (await areUnknown(tx, own, await loadPolicies(tx))) return [];
  const { stuck } = await readStuck(tx, policies, about, places, now);
  const names = await readNames(tx, refsOfStuck(stuck));
  return stuckSentences(stuck, (ref) => names.of(ref).name);
}

function mayHold({ kind, policy }: PolicyChange, now: Date): boolean {
  if (policy === null) return false;
  return kind === 'guardrail' || (policy.enabled && (policy.endsAt === null || policy.endsAt > now));
}

function present<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}
