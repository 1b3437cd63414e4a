import { formatMinutes } from '../platform/time.ts';
import { fulfilment, requirement } from './approval.ts';
import { type CompiledEligibility, coversPlace, eligibilityRef, type Policies, policiesOf } from './compile.ts';
import type { Ask, NearMiss, PolicyLimits, Subject, Verdict } from './types.ts';

/**
 * May this person have this role in this account for so long? Yes where one eligibility policy covers account, role
 * and duration together, a ticket is there if that policy wants one, and, where approval is needed, some approval
 * policy says who decides. What policies grant never mixes: leaving out approval takes a policy that allows the
 * request as it is, its ticket included. Whether the steps have enough people is asked with `withApprovers`.
 */
export function evaluate(policies: Policies, subject: Subject, ask: Ask, limits: PolicyLimits): Verdict {
  const reaching = policiesOf(policies, subject).filter((each) => reaches(each, ask));
  const covering = reaching.filter((each) => lastsFor(each, ask, limits));
  const allowing = covering.filter((each) => ask.ticketGiven || !each.policy.ticketRequired);
  const relevant = [allowing, covering, reaching].find((list) => list.length > 0) ?? [];

  const ticketNeeded =
    limits.ticketRequired || (relevant.length > 0 && (covering.length > 0 ? covering : reaching).every(wantsTicket));
  const approvalNeeded =
    limits.approvalEnabled && relevant.length > 0 && relevant.every((each) => each.policy.approvalRequired);
  const required = approvalNeeded ? requirement(policies, subject, ask) : { steps: [], policies: [] };
  const verdict: Verdict = {
    allowed: true,
    reason: '',
    code: '',
    allowedBy: allowing.map((each) => eligibilityRef(each.policy)),
    nearMisses: [],
    longestMinutes: Math.min(
      limits.maxDurationMinutes,
      Math.max(0, ...reaching.map((each) => each.policy.maxDurationMinutes)),
    ),
    ticketNeeded,
    approvalNeeded,
    steps: required.steps,
    approvalPolicies: required.policies,
  };

  const refuse = (code: string, reason: string): Verdict => ({
    ...verdict,
    allowed: false,
    code,
    reason,
    allowedBy: [],
    nearMisses: nearMisses(policies, subject, ask, limits),
  });
  if (reaching.length === 0) {
    return refuse(
      'not-eligible',
      'No policy lets you ask for this role in this account. Choose another role or account, or ask an administrator for it.',
    );
  }
  if (!(ask.durationMinutes >= 1)) return refuse('invalid-duration', 'Choose a duration of at least one minute.');
  if (covering.length === 0) {
    return refuse(
      'too-long',
      `You may ask for this role here for up to ${formatMinutes(verdict.longestMinutes)}. Choose a shorter duration.`,
    );
  }
  if (ticketNeeded && !ask.ticketGiven) {
    return refuse(
      'ticket-missing',
      'A ticket is needed for this request. Enter the number of the ticket that it belongs to.',
    );
  }
  if (approvalNeeded && required.steps.length === 0) {
    return refuse(
      'no-approvers',
      'This request needs approval, but no approval policy covers this account and role, so nobody could approve it. An administrator can add one.',
    );
  }
  return verdict;
}

/**
 * The verdict, refused where some step lacks enough people. `people`: for each step the user IDs of its enabled
 * approvers; the requester may be among them and is not counted.
 */
export function withApprovers(verdict: Verdict, people: readonly (readonly string[])[], requesterId: string): Verdict {
  if (!verdict.allowed || !verdict.approvalNeeded) return verdict;
  const outcome = fulfilment(verdict.steps, people, requesterId);
  if (outcome.possible) return verdict;
  const where = verdict.steps.length > 1 ? `Step ${outcome.step + 1} of the approval` : 'This request';
  const needed = outcome.needed === 1 ? 'an approval' : `${outcome.needed} approvals`;
  const found =
    outcome.found === 0 ? 'nobody' : outcome.found === 1 ? 'only one person' : `only ${outcome.found} people`;
  return {
    ...verdict,
    allowed: false,
    code: 'no-approvers',
    reason: `${where} needs ${needed}, and besides you there is ${found} who could give ${outcome.needed === 1 ? 'it' : 'them'}. An administrator can name more approvers.`,
    allowedBy: [],
  };
}

function reaches(each: CompiledEligibility, ask: Ask): boolean {
  return each.permissionSets.has(ask.permissionSetArn) && coversPlace(each.targets, each.policy, ask);
}

function lastsFor(each: CompiledEligibility, ask: Ask, limits: PolicyLimits): boolean {
  const longest = Math.min(each.policy.maxDurationMinutes, limits.maxDurationMinutes);
  return ask.durationMinutes >= 1 && ask.durationMinutes <= longest;
}

function wantsTicket(each: CompiledEligibility): boolean {
  return each.policy.ticketRequired;
}

/**
 * The policies that lack one of person, place and role at most (and besides that perhaps duration or ticket); those
 * that lack least come first.
 */
function nearMisses(policies: Policies, subject: Subject, ask: Ask, limits: PolicyLimits): NearMiss[] {
  const own = new Set(policiesOf(policies, subject));
  const found: NearMiss[] = [];
  for (const each of policies.eligibility) {
    const missing: NearMiss['missing'] = [];
    if (!own.has(each)) missing.push('principal');
    if (!each.permissionSets.has(ask.permissionSetArn)) missing.push('permission-set');
    // Most policies are out here already, before the dearer look at places.
    if (missing.length > 1) continue;
    if (!coversPlace(each.targets, each.policy, ask)) missing.push('target');
    if (missing.length > 1) continue;
    if (!lastsFor(each, ask, limits)) missing.push('duration');
    if (!ask.ticketGiven && (each.policy.ticketRequired || limits.ticketRequired)) missing.push('ticket');
    if (missing.length > 0) found.push({ policy: eligibilityRef(each.policy), missing });
  }
  return found.toSorted((a, b) => a.missing.length - b.missing.length);
}
