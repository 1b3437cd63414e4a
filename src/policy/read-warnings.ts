import {
  accountIndex,
  directoryAge,
  permissionSetIndex,
  readAvailability,
  whyUnavailable,
} from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { readSettings } from '../settings/index.ts';
import { compilePlaces, coversPlace, type Place, type Policies } from './compile.ts';
import type { Organization } from './impact.ts';
import { enoughForAll } from './impact-approvable.ts';
import { groupsNamedIn, type PolicyChange, withChange } from './impact-change.ts';
import { readAudience, readDeciders, withoutCopy } from './impact-queries.ts';
import { effectInWords } from './impact-words.ts';
import { loadPolicies } from './load-store.ts';
import { readNames } from './names.ts';
import type { EligibilityPolicy, PolicyContent } from './types.ts';
import { unfulfillable } from './unfulfillable.ts';
import { guardrailWarnings, placeWarning } from './warnings.ts';

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

/** True where the members of some group are not copied yet, because no policy names it so far. */
async function areUnknown(tx: Tx, refs: string[], known: Policies): Promise<boolean> {
  const named = groupsNamedIn(known);
  const groups = refs.filter((ref) => ref.startsWith('GROUP:')).map((ref) => ref.slice('GROUP:'.length));
  return (
    (
      await withoutCopy(
        tx,
        groups.filter((id) => !named.has(id)),
      )
    ).length > 0
  );
}

async function stuckWarnings(
  tx: Tx,
  change: PolicyChange,
  policies: Policies,
  places: Place[],
  now: Date,
): Promise<string[]> {
  const { settings } = await readSettings(tx);
  const approval = policies.approval.map(({ policy }) => policy);
  const approvers = [...new Set(approval.flatMap(({ steps }) => steps.flatMap((step) => step.approvers)))];
  const own = change.kind === 'approval' && change.policy ? change.policy.steps.flatMap((step) => step.approvers) : [];
  if (await areUnknown(tx, own, await loadPolicies(tx))) return [];
  const organization: Organization = {
    people: await readAudience(tx, askersOf(change, policies), groupsOf(policies), NOBODY_YET),
    places,
    roles: await readRoles(tx),
    deciders: await readDeciders(tx, approvers, enoughForAll(approval), NOBODY_YET),
  };
  const stuck = unfulfillable(policies, change, organization, settings, now);
  if (stuck === null) return [];
  const { people, accounts, roles } = stuck.first;
  const names = await readNames(tx, [
    ...people.map((id) => `USER:${id}`),
    ...accounts.map((id) => `ACCOUNT:${id}`),
    ...roles,
  ]);
  const { text, examples } = effectInWords(stuck, (ref) => names.of(ref).name);
  const more = examples.map(({ label, names: first, others }) => {
    return `${label}: ${first.join(', ')}${others > 0 ? ` +${others.toLocaleString('en')} ${others === 1 ? 'other' : 'others'}` : ''}.`;
  });
  return [[text, ...more].join(' ')];
}

async function readRoles(tx: Tx): Promise<string[]> {
  const availability = await readAvailability(tx);
  const { permissionSets } = await permissionSetIndex(tx);
  return permissionSets
    .filter((permissionSet) => whyUnavailable({ permissionSet }, availability) === null)
    .map(({ arn }) => arn);
}

/** Who may ask for anything that the policy is about. */
function askersOf({ kind, policy }: PolicyChange, { eligibility }: Policies): string[] {
  if (policy === null) return [];
  if (kind === 'eligibility') return policy.principals;
  const roles = new Set(policy.permissionSets);
  const meeting = eligibility.filter(
    ({ permissionSets }) => roles.size === 0 || [...permissionSets].some((arn) => roles.has(arn)),
  );
  return [...new Set(meeting.flatMap((each) => each.policy.principals))];
}

/** The groups that tell people apart in any policy. */
function groupsOf(policies: Policies): string[] {
  return [...groupsNamedIn(policies)];
}

function mayHold({ kind, policy }: PolicyChange, now: Date): boolean {
  if (policy === null) return false;
  return kind === 'guardrail' || (policy.enabled && (policy.endsAt === null || policy.endsAt > now));
}

function present<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}
