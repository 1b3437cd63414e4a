import { formatMinutes } from '../platform/time.ts';
import type { Names } from './names.ts';
import type { ApprovalPolicy, EligibilityPolicy, PolicyContent } from './types.ts';

/** The eligibility policy in one sentence or two, as far as it is filled in. */
export function eligibilitySentence(policy: PolicyContent<EligibilityPolicy>, names: Names): string {
  const who = policy.principals.length === 0 ? 'Nobody yet' : people(policy.principals, names);
  const roles = policy.permissionSets.length === 0 ? 'no role yet' : list(policy.permissionSets, names);
  const duration =
    policy.maxDurationMinutes >= 1 ? `for up to ${formatMinutes(policy.maxDurationMinutes)}` : 'for no time yet';
  const approval = policy.approvalRequired ? 'after approval' : 'without approval';
  const ticket = policy.ticketRequired ? ' A ticket is needed.' : '';
  return `${capital(who)} may ask for ${roles} in ${places(policy, names)}, ${duration}, ${approval}.${ticket}`;
}

/** The approval policy in one sentence or two, as far as it is filled in. */
export function approvalSentence(policy: PolicyContent<ApprovalPolicy>, names: Names): string {
  const who =
    policy.requesterGroups.length === 0
      ? 'anyone asks'
      : `${people(
          policy.requesterGroups.map((id) => `GROUP:${id}`),
          names,
        )} ask`;
  const roles = policy.permissionSets.length === 0 ? 'any role' : list(policy.permissionSets, names);
  const steps = policy.steps.map(({ approvers, approvalsNeeded }) => {
    if (approvers.length === 0) return 'nobody yet may approve';
    const from = people(approvers, names);
    return approvalsNeeded === 1
      ? `one approval by ${from} is needed`
      : `${approvalsNeeded} approvals by ${from} are needed`;
  });
  const narrowed = policy.permissionSets.length > 0 || policy.requesterGroups.length > 0;
  const broader = policy.broaderMayDecide
    ? ' Approvers of broader policies may decide too.'
    : ' Approvers of broader policies may not decide these requests.';
  return `When ${who} for ${roles} in ${places(policy, names)}, ${steps.join(', then ')}.${narrowed ? broader : ''}`;
}

function places(policy: { targets: string[]; includeNestedOus: boolean }, names: Names): string {
  if (policy.targets.length === 0) return 'no account yet';
  const accounts = policy.targets.filter((ref) => ref.startsWith('ACCOUNT:'));
  const units = policy.targets.filter((ref) => ref.startsWith('OU:'));
  const inside = policy.includeNestedOus ? 'every account in and below' : 'the accounts directly in';
  return [accounts.length > 0 && list(accounts, names), units.length > 0 && `${inside} ${list(units, names)}`]
    .filter(Boolean)
    .join(' and ');
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
  const all = names.all(refs).map((named) => named.name);
  if (all.length > shown + 1) return `${all.slice(0, shown).join(', ')} and ${all.length - shown} more`;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
