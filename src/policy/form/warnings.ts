import { formatMinutes } from '../../platform/time.ts';
import { type CompiledGuardrail, coversPlace, isNamed, type Place, type Places } from '../compile.ts';
import { longestOffered } from '../guard.ts';
import type { EligibilityPolicy, PolicyLimits } from '../types.ts';
import type { Stuck } from './stuck-people.ts';

/** What to think of twice about the places of a policy: that there are none, or that the exceptions take all of them. */
export function placeWarning(places: Places, all: readonly Place[]): string | null {
  if (places.accountIds.size + places.ouIds.size === 0) return null;
  if (all.some((place) => coversPlace(places, place))) return null;
  if (all.some((place) => isNamed(places, place))) {
    return 'The exceptions take out every account that was chosen, so this policy holds nowhere.';
  }
  return 'No account that can be given lies there at the moment, so this policy holds nowhere.';
}

/** That a policy or a guardrail leaves less than the shortest duration that the settings allow; null where it leaves enough. */
export function durationWarning(
  maxDurationMinutes: number,
  limits: Pick<PolicyLimits, 'allowedDurationsMinutes'>,
  result = 'nobody can use this',
): string | null {
  const { allowedDurationsMinutes } = limits;
  if (maxDurationMinutes < 1 || longestOffered(maxDurationMinutes, limits) > 0) return null;
  return `The shortest allowed duration is ${formatMinutes(Math.min(...allowedDurationsMinutes))}, so ${result}.`;
}

/** What guardrails make of what an eligibility policy says, one sentence for each of them. */
export function guardrailWarnings(
  policy: Pick<EligibilityPolicy, 'permissionSets' | 'maxDurationMinutes' | 'approvalRequired'>,
  covered: readonly Place[],
  guardrails: readonly CompiledGuardrail[],
  nameOf: (arn: string) => string,
): string[] {
  return guardrails.flatMap(({ policy: guardrail, permissionSets, places }) => {
    const roles = policy.permissionSets.filter((arn) => permissionSets.size === 0 || permissionSets.has(arn));
    const { neverSelfServed, maxDurationMinutes } = guardrail;
    const limits = [
      neverSelfServed && !policy.approvalRequired && 'makes approval needed',
      maxDurationMinutes !== null &&
        maxDurationMinutes < policy.maxDurationMinutes &&
        `limits the duration to ${formatMinutes(maxDurationMinutes)}`,
    ].filter((limit) => limit !== false);
    if (roles.length === 0 || limits.length === 0) return [];
    const there =
      guardrail.targets.length === 0 ? covered.length : covered.filter((place) => coversPlace(places, place)).length;
    if (there === 0) return [];
    const which =
      roles.length === policy.permissionSets.length && roles.length > 1 ? 'all its roles' : listed(roles, nameOf);
    const where = there === covered.length ? '' : ` in ${there} of its ${covered.length} accounts`;
    return [`Guardrail “${guardrail.name}” ${limits.join(' and ')} for ${which}${where}.`];
  });
}

/** Several people who are stuck for one reason in one place come in one sentence, so that it is true of each of them. */
export function stuckSentences(stuck: readonly Stuck[], nameOf: (ref: string) => string): string[] {
  const alike = byCause(stuck);
  const told = alike.slice(0, SENTENCES).map((group) => stuckSentence(group, nameOf));
  const others = alike.slice(SENTENCES).flat().length;
  if (others === 0) return told;
  return [
    ...told,
    `Nobody could approve some requests of ${others} other ${others === 1 ? 'person' : 'people'} either.`,
  ];
}

/** What `stuckSentences` asks the names of. */
export function refsOfStuck(stuck: readonly Stuck[]): string[] {
  const shown = byCause(stuck).slice(0, SENTENCES);
  return shown.flatMap((group) =>
    group
      .slice(0, NAMED)
      .flatMap(({ userId, shortage }) => [
        `USER:${userId}`,
        `ACCOUNT:${shortage.place.accountId}`,
        shortage.permissionSetArn,
      ]),
  );
}

const SENTENCES = 4;
const NAMED = 5;

/** The largest groups first. */
function byCause(stuck: readonly Stuck[]): Stuck[][] {
  const causeOf = ({ shortage, lack }: Stuck) =>
    JSON.stringify([shortage.place.accountId, shortage.permissionSetArn, lack]);
  return [...Map.groupBy(stuck, causeOf).values()].toSorted((a, b) => b.length - a.length);
}

/** Whose requests nobody could approve, where, and why: the same for all of them. */
function stuckSentence(stuck: readonly Stuck[], nameOf: (ref: string) => string): string {
  const [first] = stuck;
  if (first === undefined) return '';
  const { place, permissionSetArn, accounts } = first.shortage;
  const people = stuck.slice(0, NAMED).map(({ userId }) => nameOf(`USER:${userId}`));
  const rest = stuck.length - people.length;
  const others = rest > 0 ? ` +${rest} ${rest === 1 ? 'other' : 'others'}` : '';
  const more = accounts > 1 ? ` and ${accounts - 1} more ${accounts === 2 ? 'account' : 'accounts'}` : '';
  const asks = `Nobody could approve when ${people.join(', ')}${others} ${stuck.length === 1 ? 'asks' : 'ask'}, say for ${nameOf(permissionSetArn)} in ${nameOf(`ACCOUNT:${place.accountId}`)}${more}`;
  if (first.lack === null) return `${asks}: no approval policy covers it.`;
  const { step, steps, needed, found } = first.lack;
  const what = needed === 1 ? 'an approval' : `${needed} approvals`;
  const who = found === 0 ? 'is nobody' : found === 1 ? 'is only one person' : `are only ${found} people`;
  return `${asks}: ${steps > 1 ? `step ${step + 1}` : 'it'} needs ${what}, and besides ${stuck.length === 1 ? 'them' : 'whoever asks'} there ${who} left who could give ${needed === 1 ? 'it' : 'them'}.`;
}

function listed(roles: readonly string[], nameOf: (arn: string) => string): string {
  const names = roles.map(nameOf).sort();
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
