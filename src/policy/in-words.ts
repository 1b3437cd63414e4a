import { requirement } from './approval.ts';
import type { Policies } from './compile.ts';
import { evaluate } from './evaluate.ts';
import type { Explanation } from './explain.ts';
import { boundsOf } from './guard.ts';
import type { ApprovalStep, Ask, PolicyLimits, PrincipalRef, Subject, Verdict } from './types.ts';

/** What a person may have of one role in one account, as they are told it. */
export interface Allowance {
  longestMinutes: number;
  /** 0 where approval is always needed. */
  longestWithoutApprovalMinutes: number;
  /** Whether the longest, with approval and without it, takes a ticket. */
  ticketNeeded: boolean;
  ticketNeededWithoutApproval: boolean;
  /** A guardrail asks for approval, whatever any policy says. */
  neverSelfServed: boolean;
  /** Who decides where approval is needed. */
  steps: ApprovalStep[];
}

/** Whatever the duration and the ticket of the ask: what this role in this account comes to for the person. */
export function allowance(policies: Policies, subject: Subject, ask: Ask, limits: PolicyLimits, now: Date): Allowance {
  const judge = (durationMinutes: number, ticketGiven: boolean): Verdict =>
    evaluate(policies, subject, { ...ask, durationMinutes, ticketGiven }, limits, now);
  const { longestMinutes, longestWithoutApprovalMinutes } = judge(ask.durationMinutes, true);
  const self = longestWithoutApprovalMinutes > 0 ? judge(longestWithoutApprovalMinutes, false) : null;
  return {
    longestMinutes,
    longestWithoutApprovalMinutes,
    ticketNeeded: longestMinutes > 0 && judge(longestMinutes, false).code === 'ticket-missing',
    ticketNeededWithoutApproval: self !== null && (!self.allowed || self.approvalNeeded),
    neverSelfServed: boundsOf(policies, ask, ask.permissionSetArn, limits).neverSelfServed,
    steps: requirement(policies, subject, ask, now).steps,
  };
}

/**
 * What a person may do, in a sentence or two to them: 'You may use PowerUser here for up to 2 hours without approval,
 * up to 8 hours if someone of Platform Leads approves.' Names no policy. Empty where they may not ask for it at all.
 * `nameOf`: the name of a group or person; null where it no longer exists.
 */
export function inWords(allowed: Allowance, role: string, nameOf: (ref: PrincipalRef) => string | null): string {
  const { longestMinutes, longestWithoutApprovalMinutes, ticketNeeded, ticketNeededWithoutApproval, steps } = allowed;
  if (longestMinutes === 0) return '';
  const bySelf = longestWithoutApprovalMinutes > 0;
  const byApproval = longestMinutes > longestWithoutApprovalMinutes;
  const ticketAlways = (!byApproval || ticketNeeded) && (!bySelf || ticketNeededWithoutApproval);
  const withTicket = (needed: boolean) => (needed && !ticketAlways ? ' with a ticket' : '');
  const condition = conditionOf(steps, nameOf);
  const parts: string[] = [];
  if (bySelf) {
    parts.push(
      `up to ${spellMinutes(longestWithoutApprovalMinutes)} without approval${withTicket(ticketNeededWithoutApproval)}`,
    );
  }
  if (byApproval && condition !== '') {
    parts.push(`up to ${spellMinutes(longestMinutes)}${withTicket(ticketNeeded)} if ${condition}`);
  }
  const nobody = byApproval && condition === '';
  const after = [
    ticketAlways && parts.length > 0 ? 'A ticket is needed.' : '',
    nobody && bySelf ? 'For longer, approval is needed, and nobody is named who could give it.' : '',
    allowed.neverSelfServed && parts.length > 0 ? 'This role is never given here without approval.' : '',
  ];
  const first =
    parts.length > 0
      ? `You may use ${role} here for ${parts.join(', ')}.`
      : `You may ask for ${role} here, but it needs approval, and nobody is named who could give it.`;
  return [first, ...after].filter(Boolean).join(' ');
}

/**
 * What a refused person may know besides the refusal, a sentence each: dates, and what else they may have. Speaks only
 * of policies that name the person, and never by name, so that nobody learns who else may do what.
 * `otherRoles`: the names of the roles that they may ask for in this account.
 */
export function hintsInWords(
  { verdict, nearMisses }: Pick<Explanation, 'verdict' | 'nearMisses'>,
  role: string,
  otherRoles: string[],
  formatDate: (at: Date) => string,
): string[] {
  if (verdict.code !== 'not-eligible') return [];
  const own = nearMisses
    .map(({ lacks }) => lacks)
    .filter((lacks) => lacks.every((each) => each.missing !== 'principal'));
  const lacks = own.flat();
  const starts = lacks.flatMap((each) => (each.missing === 'not-yet' ? [each.startsAt] : []));
  const ends = lacks.flatMap((each) => (each.missing === 'over' ? [each.endsAt] : []));
  const has = (missing: string) => lacks.some((each) => each.missing === missing);
  const earliest = starts.toSorted((a, b) => a.getTime() - b.getTime())[0];
  const latest = ends.toSorted((a, b) => b.getTime() - a.getTime())[0];
  return [
    earliest && `You may ask for ${role} here from ${formatDate(earliest)} on.`,
    !earliest && latest && `You could ask for ${role} here until ${formatDate(latest)}.`,
    has('disabled') && `What allowed you to ask for ${role} here is switched off at present.`,
    otherRoles.length > 0 && `In this account you may ask for ${oneOf(otherRoles, 'or')}.`,
    (has('target') || has('excluded')) && `You may ask for ${role} in other accounts, but not in this one.`,
  ].filter((each) => typeof each === 'string');
}

/** 'someone of Platform Leads approves, and then two of Security'; empty where some step has nobody. */
function conditionOf(steps: ApprovalStep[], nameOf: (ref: PrincipalRef) => string | null): string {
  const words = steps.map((step) => approversInWords(step, nameOf));
  const [first, ...then] = words;
  if (first === undefined || words.includes('')) return '';
  const verb = (steps[0]?.approvalsNeeded ?? 1) === 1 ? 'approves' : 'approve';
  return [`${first} ${verb}`, ...then.map((each) => `and then ${each}`)].join(', ');
}

const NAMED = 3;

/** Who can act in a step, and how many of them it takes: 'someone of Platform Leads or Security', 'two of Platform Leads'. */
function approversInWords(step: ApprovalStep, nameOf: (ref: PrincipalRef) => string | null): string {
  const names = (prefix: string) =>
    step.approvers.filter((ref) => ref.startsWith(prefix)).flatMap((ref) => nameOf(ref) ?? []);
  const [groups, people] = [names('GROUP:'), names('USER:')];
  if (groups.length + people.length === 0) return '';
  if (step.approvalsNeeded > 1) {
    return `${NUMBERS[step.approvalsNeeded] ?? step.approvalsNeeded} of ${oneOf([...groups, ...people], 'and')}`;
  }
  return oneOf([...(groups.length > 0 ? [`someone of ${oneOf(groups, 'or')}`] : []), ...people], 'or');
}

const NUMBERS: Record<number, string> = { 2: 'two', 3: 'three', 4: 'four', 5: 'five' };

function oneOf(names: string[], word: 'and' | 'or'): string {
  const more = names.length > NAMED + 1 ? names.length - NAMED : 0;
  const shown = more > 0 ? [...names.slice(0, NAMED), `${more} others`] : names;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} ${word} ${shown.at(-1)}`;
}

/** 2 hours, 1 hour 30 minutes, 3 days: durations within a sentence. */
export function spellMinutes(minutes: number): string {
  const count = (number: number, one: string) => (number === 0 ? '' : `${number} ${one}${number === 1 ? '' : 's'}`);
  const parts = [
    count(Math.floor(minutes / 1440), 'day'),
    count(Math.floor((minutes % 1440) / 60), 'hour'),
    count(minutes % 60, 'minute'),
  ];
  return parts.filter(Boolean).join(' ') || '0 minutes';
}
