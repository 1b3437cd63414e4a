import type { ApprovalPolicy, EligibilityPolicy, Guardrail, PolicyContent, When, Where } from '../types.ts';
import { type Fields, isTicked, many, one } from './field-values.ts';
import { momentFields, readMoment } from './moments.ts';
import { stepField, stepsOf, withSteps } from './steps.ts';

/** What a form says so far: for what is shown while it is filled in, never for saving. Times are local to the zone. */
export function looseEligibility(fields: Fields, timeZone: string): PolicyContent<EligibilityPolicy> {
  return {
    ...looseCommon(fields, timeZone),
    principals: many(fields, 'principals'),
    maxDurationMinutes: looseNumber(one(fields, 'maxDurationMinutes')),
    approvalRequired: isTicked(fields, 'approvalRequired'),
    ticketRequired: isTicked(fields, 'ticketRequired'),
  };
}

export function looseApproval(fields: Fields, timeZone: string): PolicyContent<ApprovalPolicy> {
  return {
    ...looseCommon(fields, timeZone),
    requesterGroups: many(fields, 'requesterGroups').map((id) => id.replace(/^GROUP:/, '')),
    broaderMayDecide: isTicked(fields, 'broaderMayDecide'),
    steps: stepsOf(fields).map(({ approvers, approvalsNeeded }) => ({
      approvers,
      approvalsNeeded: Math.max(1, looseNumber(approvalsNeeded)),
    })),
  };
}

export function looseGuardrail(fields: Fields): PolicyContent<Guardrail> {
  return {
    ...looseAbout(fields),
    permissionSets: many(fields, 'permissionSets'),
    targets: many(fields, 'targets'),
    neverSelfServed: isTicked(fields, 'neverSelfServed'),
    maxDurationMinutes: looseNumber(one(fields, 'maxDurationMinutes')) || null,
  };
}

export function eligibilityFields(policy: PolicyContent<EligibilityPolicy>, timeZone: string): Fields {
  return {
    ...commonFields(policy, timeZone),
    principals: policy.principals,
    maxDurationMinutes: String(policy.maxDurationMinutes),
    approvalRequired: String(policy.approvalRequired),
    ticketRequired: String(policy.ticketRequired),
  };
}

export function approvalFields(policy: PolicyContent<ApprovalPolicy>, timeZone: string): Fields {
  const steps = policy.steps.map((step) => ({
    approvers: step.approvers,
    approvalsNeeded: String(step.approvalsNeeded),
    query: '',
  }));
  const fields = {
    ...commonFields(policy, timeZone),
    requesterGroups: policy.requesterGroups,
    broaderMayDecide: String(policy.broaderMayDecide),
  };
  return withSteps(fields, steps);
}

export function guardrailFields(guardrail: PolicyContent<Guardrail>): Fields {
  return {
    name: guardrail.name,
    permissionSets: guardrail.permissionSets,
    targets: guardrail.targets,
    neverSelfServed: String(guardrail.neverSelfServed),
    maxDurationMinutes: guardrail.maxDurationMinutes === null ? '' : String(guardrail.maxDurationMinutes),
    note: guardrail.note,
  };
}

/** The ticket is left out: it belongs to the change that is over, not to the one that begins. */
function commonFields(
  policy: Where & When & { name: string; permissionSets: string[]; note: string },
  timeZone: string,
): Fields {
  const [start, end] = [momentFields(policy.startsAt, timeZone), momentFields(policy.endsAt, timeZone)];
  return {
    name: policy.name,
    targets: policy.targets,
    exclusions: policy.exclusions,
    includeNestedOus: String(policy.includeNestedOus),
    permissionSets: policy.permissionSets,
    enabled: String(policy.enabled),
    startsAt: start.local,
    startsAtOffset: start.offset,
    endsAt: end.local,
    endsAtOffset: end.offset,
    note: policy.note,
  };
}

function looseCommon(fields: Fields, timeZone: string) {
  const momentOf = (name: string) => readMoment(one(fields, name), one(fields, `${name}Offset`), timeZone).at;
  return {
    ...looseAbout(fields),
    targets: many(fields, 'targets'),
    exclusions: many(fields, 'exclusions'),
    includeNestedOus: isTicked(fields, 'includeNestedOus'),
    permissionSets: many(fields, 'permissionSets'),
    // Who leaves the field out knows nothing of policies that are switched off.
    enabled: fields.enabled === undefined || isTicked(fields, 'enabled'),
    startsAt: momentOf('startsAt'),
    endsAt: momentOf('endsAt'),
  };
}

function looseAbout(fields: Fields) {
  return { name: one(fields, 'name'), note: one(fields, 'note'), ticket: one(fields, 'ticket') };
}

function looseNumber(text: string): number {
  return /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0;
}

/**
 * The form with what is gone taken out of all its lists. Of each list that `mayNotEmpty` names and that would be left
 * empty, the last entry stays; `kept` says which lists those are.
 */
export function without(
  fields: Fields,
  isGone: (ref: string) => boolean,
  mayNotEmpty: readonly string[],
): { fields: Fields; kept: string[] } {
  const lists = [...LISTS, ...stepsOf(fields).map((_, index) => stepField('approvers', index))];
  const changed = { ...fields };
  const kept: string[] = [];
  for (const name of lists) {
    const before = many(fields, name);
    if (before.length === 0) continue;
    const asRef = (value: string) => (name === 'requesterGroups' ? `GROUP:${value.replace(/^GROUP:/, '')}` : value);
    const left = before.filter((value) => !isGone(asRef(value)));
    const keepsOne = left.length === 0 && mayNotEmpty.includes(name);
    changed[name] = keepsOne ? before.slice(-1) : left;
    if (keepsOne) kept.push(name);
  }
  return { fields: changed, kept };
}

const LISTS = ['principals', 'targets', 'exclusions', 'permissionSets', 'requesterGroups'];
