import { formatMinutes } from '../platform/time.ts';
import { fulfilment, requirement } from './approval.ts';
import {
  byName,
  type CompiledEligibility,
  coversPlace,
  holds,
  isNamed,
  type Policies,
  policiesOf,
  refOf,
  whyNotHeld,
} from './compile.ts';
import { type Bounds, boundsOf } from './guard.ts';
import { longestOf, withoutApproval } from './offers.ts';
import type { Ask, Missing, NearMiss, PolicyLimits, Subject, Verdict } from './types.ts';

/**
 * May this person have this role in this account for so long? Yes where one eligibility policy that holds now covers
 * account, role and duration together within the guardrails, a ticket is there if that policy wants one, and, where
 * approval is needed, some approval policy says who decides. What policies grant never mixes: leaving out approval
 * takes a policy that allows the request as it is, its ticket included. Whether the steps have enough people is asked
 * with `withApprovers`.
 */
export function evaluate(policies: Policies, subject: Subject, ask: Ask, limits: PolicyLimits, now: Date): Verdict {
  const { bounds, own, reaching, covering, allowing } = grounds(policies, subject, ask, limits, now);
  const relevant = [allowing, covering, reaching].find((list) => list.length > 0) ?? [];

  const ticketNeeded =
    limits.ticketRequired || (relevant.length > 0 && (covering.length > 0 ? covering : reaching).every(wantsTicket));
  const approvalNeeded = relevant.length > 0 && withoutApproval(relevant, limits, bounds).length === 0;
  const required = approvalNeeded
    ? requirement(policies, subject, ask, now)
    : { steps: [], policies: [], replaced: [] };
  const verdict: Verdict = {
    allowed: true,
    reason: '',
    code: '',
    allowedBy: allowing.map((each) => refOf('eligibility', each.policy)),
    nearMisses: [],
    longestMinutes: longestOf(reaching, limits, bounds),
    longestWithoutApprovalMinutes: longestOf(withoutApproval(reaching, limits, bounds), limits, bounds),
    ticketNeeded,
    approvalNeeded,
    steps: required.steps,
    approvalPolicies: required.policies,
    replacedPolicies: required.replaced,
    guardrails: bounds.guardrails,
  };

  const refuse = (code: string, reason: string): Verdict => ({
    ...verdict,
    allowed: false,
    code,
    reason,
    allowedBy: [],
    nearMisses: nearMisses(policies, own, ask, { limits, bounds, now }),
  });
  if (reaching.length === 0) {
    return refuse(
      'not-eligible',
      'No policy lets you ask for this role in this account. Choose another role or account, or ask an administrator for it.',
    );
  }
  if (!(ask.durationMinutes >= 1)) return refuse('invalid-duration', 'Choose a duration of at least one minute.');
  if (verdict.longestMinutes === 0) {
    const shortest = formatMinutes(Math.min(...limits.allowedDurationsMinutes));
    const most = formatMinutes(longestOf(reaching, { allowedDurationsMinutes: [] }, bounds));
    return refuse(
      'too-long',
      `The shortest duration that this portal offers is ${shortest}, and this role is lent here for ${most} at most. An administrator can change either.`,
    );
  }
  if (covering.length === 0) {
    return refuse(
      'too-long',
      `You may ask for this role here for up to ${formatMinutes(verdict.longestMinutes)}. Choose a shorter duration.`,
    );
  }
  const { allowedDurationsMinutes } = limits;
  if (allowedDurationsMinutes.length > 0 && !allowedDurationsMinutes.includes(ask.durationMinutes)) {
    const offered = allowedDurationsMinutes.filter((minutes) => minutes <= verdict.longestMinutes);
    return refuse('duration-not-offered', `Choose one of these durations: ${offered.map(formatMinutes).join(', ')}.`);
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

/** What a verdict rests on; each list is a part of the one before. */
export interface Grounds {
  bounds: Bounds;
  /** They name the person, whatever else they say. */
  own: readonly CompiledEligibility[];
  /** The person's eligibility policies that hold now and take account and role. */
  reaching: CompiledEligibility[];
  /** Those that allow the duration too. */
  covering: CompiledEligibility[];
  /** Those that want no ticket that is not there. */
  allowing: CompiledEligibility[];
}

/** The eligibility policies that a verdict rests on. */
export function grounds(policies: Policies, subject: Subject, ask: Ask, limits: PolicyLimits, now: Date): Grounds {
  const bounds = boundsOf(policies, ask, ask.permissionSetArn, limits);
  const own = policiesOf(policies, subject);
  const reaching = own.filter((each) => holds(each.policy, now) && reaches(each, ask));
  const covering = reaching.filter((each) => lastsFor(each, ask, bounds));
  const allowing = covering.filter((each) => ask.ticketGiven || !each.policy.ticketRequired);
  return { bounds, own, reaching, covering, allowing };
}

/**
 * The verdict, refused where some step lacks enough people. `people`: for each step the user IDs of its enabled
 * approvers; the requester may be among them and is not counted. `vanished`: the names of approvers of the steps that
 * no longer exist, told because they are why.
 */
export function withApprovers(
  verdict: Verdict,
  people: readonly (readonly string[])[],
  requesterId: string,
  vanished: readonly string[] = [],
): Verdict {
  if (!verdict.allowed || !verdict.approvalNeeded) return verdict;
  const outcome = fulfilment(verdict.steps, people, requesterId);
  if (outcome.possible) return verdict;
  const where = verdict.steps.length > 1 ? `Step ${outcome.step + 1} of the approval` : 'This request';
  const needed = outcome.needed === 1 ? 'an approval' : `${outcome.needed} approvals`;
  const found =
    outcome.found === 0 ? 'nobody' : outcome.found === 1 ? 'only one person' : `only ${outcome.found} people`;
  const gone =
    vanished.length === 0 ? '' : ` Named as approvers, but no longer there: ${[...new Set(vanished)].join(', ')}.`;
  return {
    ...verdict,
    allowed: false,
    code: 'no-approvers',
    reason: `${where} needs ${needed}, and besides you there is ${found} who could give ${outcome.needed === 1 ? 'it' : 'them'}.${gone} An administrator can name more approvers.`,
    allowedBy: [],
  };
}

function reaches(each: CompiledEligibility, ask: Ask): boolean {
  return each.permissionSets.has(ask.permissionSetArn) && coversPlace(each.places, ask);
}

function lastsFor(each: CompiledEligibility, ask: Ask, bounds: Bounds): boolean {
  const longest = Math.min(each.policy.maxDurationMinutes, bounds.longestMinutes);
  return ask.durationMinutes >= 1 && ask.durationMinutes <= longest;
}

function wantsTicket(each: CompiledEligibility): boolean {
  return each.policy.ticketRequired;
}

/**
 * The policies that lack one of person, place, role and validity at most (and besides that perhaps duration or
 * ticket); those that lack least come first.
 */
function nearMisses(
  policies: Policies,
  ofPerson: readonly CompiledEligibility[],
  ask: Ask,
  { limits, bounds, now }: { limits: PolicyLimits; bounds: Bounds; now: Date },
): NearMiss[] {
  const own = new Set(ofPerson);
  // Whatever is of neither lacks two of them already.
  const near = new Set([...ofPerson, ...(policies.byPermissionSet.get(ask.permissionSetArn) ?? [])]);
  const found: NearMiss[] = [];
  for (const each of near) {
    const missing: Missing[] = [];
    if (!own.has(each)) missing.push('principal');
    if (!each.permissionSets.has(ask.permissionSetArn)) missing.push('permission-set');
    const unheld = whyNotHeld(each.policy, now);
    if (unheld) missing.push(unheld);
    if (!coversPlace(each.places, ask)) missing.push(isNamed(each.places, ask) ? 'excluded' : 'target');
    if (missing.length > 1) continue;
    if (!lastsFor(each, ask, bounds)) missing.push('duration');
    if (!ask.ticketGiven && (each.policy.ticketRequired || limits.ticketRequired)) missing.push('ticket');
    if (missing.length > 0) found.push({ policy: refOf('eligibility', each.policy), missing });
  }
  return found.toSorted((a, b) => a.missing.length - b.missing.length || byName(a.policy, b.policy));
}
