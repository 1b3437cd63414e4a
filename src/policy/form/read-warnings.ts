import {
  accountIndex,
  directoryAge,
  permissionSetIndex,
  readAvailability,
  whyUnavailable,
} from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { readSettings } from '../../settings/index.ts';
import { compilePlaces, coversPlace, type Place, type Policies } from '../compile.ts';
import { enoughForAll } from '../impact/approvable.ts';
import { groupsNamedIn, type PolicyChange, withChange } from '../impact/change.ts';
import { readAudience, readDeciders, withoutCopy } from '../impact/queries.ts';
import { loadPolicies } from '../load-store.ts';
import { readNames } from '../names.ts';
import { isCopyOfMembersAwaited } from '../queries.ts';
import type { EligibilityPolicy, PolicyContent } from '../types.ts';
import { stuckPeople } from './stuck-people.ts';
import { type Circumstances, shortages } from './unfulfillable.ts';
import { guardrailWarnings, placeWarning, stuckSentence } from './warnings.ts';

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
  if (kind === 'eligibility') {
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

/** The accounts that can be given. */
export async function readPlaces(tx: Tx): Promise<Place[]> {
  const availability = await readAvailability(tx);
  const { accounts } = await accountIndex(tx);
  return accounts
    .filter((account) => whyUnavailable({ account }, availability) === null)
    .map(({ id, ancestorIds }) => ({ accountId: id, ancestorIds }));
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

/** So many people are looked at one by one; a warning that names five of them needs no more. */
const MOST_PEOPLE = 1_000;
const NAMED = 5;

async function stuckWarnings(
  tx: Tx,
  change: PolicyChange,
  policies: Policies,
  places: Place[],
  now: Date,
): Promise<string[]> {
  const approval = policies.approval.map(({ policy }) => policy);
  const approvers = [...new Set(approval.flatMap(({ steps }) => steps.flatMap((step) => step.approvers)))];
  const own = change.kind === 'approval' && change.policy ? change.policy.steps.flatMap((step) => step.approvers) : [];
  if (await areUnknown(tx, own, await loadPolicies(tx))) return [];
  const circumstances: Circumstances = {
    places,
    roles: await readRoles(tx),
    deciders: await readDeciders(tx, approvers, enoughForAll(approval), NOBODY_YET),
    limits: (await readSettings(tx)).settings,
    now,
  };
  const found = shortages(policies, change, circumstances);
  if (found.length === 0) return [];
  const principals = [...new Set(found.flatMap((shortage) => shortage.principals))];
  const audience = await readAudience(tx, principals, [...groupsNamedIn(policies)], NOBODY_YET);
  const stuck = stuckPeople(found, audience.slice(0, MOST_PEOPLE), policies, circumstances);
  const [first] = stuck;
  if (first === undefined) return [];
  const account = `ACCOUNT:${first.shortage.place.accountId}`;
  const people = stuck.map(({ userId }) => `USER:${userId}`);
  const names = await readNames(tx, [...people.slice(0, NAMED), account, first.shortage.permissionSetArn]);
  return [stuckSentence(stuck, (ref) => names.of(ref).name)];
}

async function readRoles(tx: Tx): Promise<Set<string>> {
  const availability = await readAvailability(tx);
  const { permissionSets } = await permissionSetIndex(tx);
  const given = permissionSets.filter((permissionSet) => whyUnavailable({ permissionSet }, availability) === null);
  return new Set(given.map(({ arn }) => arn));
}

function mayHold({ kind, policy }: PolicyChange, now: Date): boolean {
  if (policy === null) return false;
  return kind === 'guardrail' || (policy.enabled && (policy.endsAt === null || policy.endsAt > now));
}

function present<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}
