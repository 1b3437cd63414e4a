import type { ApprovalPolicy, EligibilityPolicy, PolicyContent } from './types.ts';

/** A policy's form as it stands, right or wrong, by field name. What the database cannot look up is left out when it is read. */
export type Fields = Record<string, string | string[]>;

export function one(fields: Fields, name: string): string {
  return ([fields[name] ?? ''].flat()[0] ?? '').replaceAll('\0', '');
}

export function many(fields: Fields, name: string): string[] {
  return [fields[name] ?? []]
    .flat()
    .map((value) => value.replaceAll('\0', ''))
    .filter((value) => value !== '');
}

function isTicked(fields: Fields, name: string): boolean {
  return !['', 'false'].includes(one(fields, name));
}

/** What a form says so far: for the sentence that restates it, never for saving. */
export function looseEligibility(fields: Fields): PolicyContent<EligibilityPolicy> {
  return {
    ...loose(fields),
    permissionSets: many(fields, 'permissionSets'),
    principals: many(fields, 'principals'),
    maxDurationMinutes: looseNumber(one(fields, 'maxDurationMinutes')),
    approvalRequired: isTicked(fields, 'approvalRequired'),
    ticketRequired: isTicked(fields, 'ticketRequired'),
  };
}

export function looseApproval(fields: Fields): PolicyContent<ApprovalPolicy> {
  const approvalsNeeded = Math.max(1, looseNumber(one(fields, 'approvalsNeeded')));
  return {
    ...loose(fields),
    permissionSets: many(fields, 'permissionSets'),
    requesterGroups: many(fields, 'requesterGroups').map((id) => id.replace(/^GROUP:/, '')),
    broaderMayDecide: isTicked(fields, 'broaderMayDecide'),
    steps: [{ approvers: many(fields, 'approvers'), approvalsNeeded }],
  };
}

export function eligibilityFields(policy: PolicyContent<EligibilityPolicy>): Fields {
  return {
    name: policy.name,
    principals: policy.principals,
    targets: policy.targets,
    includeNestedOus: String(policy.includeNestedOus),
    permissionSets: policy.permissionSets,
    maxDurationMinutes: String(policy.maxDurationMinutes),
    approvalRequired: String(policy.approvalRequired),
    ticketRequired: String(policy.ticketRequired),
    note: policy.note,
  };
}

export function approvalFields(policy: PolicyContent<ApprovalPolicy>): Fields {
  const [step] = policy.steps;
  return {
    name: policy.name,
    targets: policy.targets,
    includeNestedOus: String(policy.includeNestedOus),
    permissionSets: policy.permissionSets,
    requesterGroups: policy.requesterGroups,
    broaderMayDecide: String(policy.broaderMayDecide),
    approvers: step?.approvers ?? [],
    approvalsNeeded: String(step?.approvalsNeeded ?? 1),
    note: policy.note,
  };
}

function loose(fields: Fields) {
  return {
    name: one(fields, 'name'),
    targets: many(fields, 'targets'),
    exclusions: many(fields, 'exclusions'),
    includeNestedOus: isTicked(fields, 'includeNestedOus'),
    enabled: isTicked(fields, 'enabled'),
    startsAt: null,
    endsAt: null,
    ticket: one(fields, 'ticket'),
    note: one(fields, 'note'),
  };
}

function looseNumber(text: string): number {
  return /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0;
}
