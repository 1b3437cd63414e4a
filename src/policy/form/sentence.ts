import { formatInZone, formatMinutes } from '../../platform/time.ts';
import type { Names } from '../names.ts';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail, PolicyContent, When, Where } from '../types.ts';

/** The eligibility policy in a few sentences, as far as it is filled in. Times are told in the zone. */
export function eligibilitySentence(policy: PolicyContent<EligibilityPolicy>, names: Names, timeZone: string): string {
  const who = policy.principals.length === 0 ? 'Nobody yet' : people(policy.principals, names);
  const roles = policy.permissionSets.length === 0 ? 'no role yet' : list(policy.permissionSets, names);
  const duration =
    policy.maxDurationMinutes >= 1 ? `for up to ${formatMinutes(policy.maxDurationMinutes)}` : 'for no time yet';
  const approval = policy.approvalRequired ? 'after approval' : 'without approval';
  const ticket = policy.ticketRequired ? ' A ticket is needed.' : '';
  return `${capital(who)} may ask for ${roles} in ${places(policy, names)}, ${duration}, ${approval}.${ticket}${when(policy, timeZone)}`;
}

/** The approval policy in a few sentences, as far as it is filled in. */
export function approvalSentence(policy: PolicyContent<ApprovalPolicy>, names: Names, timeZone: string): string {
  const groups = policy.requesterGroups.map((id) => `GROUP:${id}`);
  const who = groups.length === 0 ? 'anyone asks' : `${people(groups, names)} ask`;
  const roles = policy.permissionSets.length === 0 ? 'any role' : list(policy.permissionSets, names);
  const steps = policy.steps.map(({ approvers, approvalsNeeded }) => {
    if (approvers.length === 0) return 'nobody yet may approve';
    const from = people(approvers, names);
    return approvalsNeeded === 1
      ? `one approval by ${from} is needed`
      : `${approvalsNeeded} approvals by ${from} are needed`;
  });
  const narrowed = policy.permissionSets.length > 0 || groups.length > 0;
  const broader = policy.broaderMayDecide
    ? ' Approvers of broader policies may decide too.'
    : ' Approvers of broader policies may not decide these requests.';
  return `When ${who} for ${roles} in ${places(policy, names)}, ${steps.join(', then ')}.${narrowed ? broader : ''}${when(policy, timeZone)}`;
}

/** The guardrail in a sentence, as far as it is filled in. */
export function guardrailSentence(guardrail: PolicyContent<Guardrail>, names: Names): string {
  const roles = guardrail.permissionSets.length === 0 ? 'any role' : list(guardrail.permissionSets, names);
  const where =
    guardrail.targets.length === 0
      ? 'anywhere'
      : `in ${places({ targets: guardrail.targets, exclusions: [], includeNestedOus: true }, names)}`;
  const limits = [
    guardrail.neverSelfServed && 'is never given without approval',
    guardrail.maxDurationMinutes !== null && `is given for ${formatMinutes(guardrail.maxDurationMinutes)} at most`,
  ].filter(Boolean);
  return `Whatever any policy says, ${roles} ${where} ${limits.join(' and ') || 'is not limited yet'}.`;
}

/** When it holds, where that is not always. */
function when({ enabled, startsAt, endsAt }: When, timeZone: string): string {
  const at = (date: Date) => `${formatInZone(date, timeZone)} (${timeZone})`;
  const from = startsAt && `from ${at(startsAt)}`;
  const until = endsAt && `until ${at(endsAt)}`;
  const dates = from || until ? ` It holds ${[from, until].filter(Boolean).join(' ')}.` : '';
  return enabled ? dates : `${dates} It is switched off: as long as it is, it gives nothing to anybody.`;
}

function places(policy: Where, names: Names): string {
  if (policy.targets.length === 0) return 'no account yet';
  const [accounts, units] = split(policy.targets);
  const inside = policy.includeNestedOus ? 'every account in and below' : 'the accounts directly in';
  const named = [accounts.length > 0 && list(accounts, names), units.length > 0 && `${inside} ${list(units, names)}`];
  const [exceptAccounts, exceptUnits] = split(policy.exclusions);
  const except = [
    exceptAccounts.length > 0 && list(exceptAccounts, names),
    exceptUnits.length > 0 && `everything in and below ${list(exceptUnits, names)}`,
  ];
  const without = policy.exclusions.length === 0 ? '' : `, except ${except.filter(Boolean).join(' and ')}`;
  return `${named.filter(Boolean).join(' and ')}${without}`;
}

function split(refs: string[]): [accounts: string[], units: string[]] {
  return [refs.filter((ref) => ref.startsWith('ACCOUNT:')), refs.filter((ref) => ref.startsWith('OU:'))];
}

function people(refs: string[], names: Names): string {
  const groups = refs.filter((ref) => ref.startsWith('GROUP:'));
  const users = refs.filter((ref) => ref.startsWith('USER:'));
  return [groups.length > 0 && `members of ${list(groups, names)}`, users.length > 0 && list(users, names)]
    .filter(Boolean)
    .join(' and ');
}

/** The first few by name, and how many more. */
function list(refs: string[], names: Names, shown = 4): string {
  const all = names.all(refs).map((named) => isolated(named.name));
  if (all.length > shown + 1) return `${all.slice(0, shown).join(', ')} and ${all.length - shown} more`;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

/** A name with letters that are written from right to left must not turn the sentence around it. */
function isolated(name: string): string {
  return /[\u0590-\u08FF\uFB1D-\uFEFC]/.test(name) ? `\u2068${name}\u2069` : name;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
