import { formatMinutes } from '../platform/time.ts';
import { byName } from './compile.ts';
import type { Named, Names } from './names.ts';
import type { Stored } from './store.ts';
import type { ApprovalPolicy, EligibilityPolicy } from './types.ts';

/** A policy as a row of its list. */
export interface PolicyRow {
  id: string;
  name: string;
  cells: Cell[];
  uses: number;
  /** What is wrong with it and what to do, one sentence each. */
  warnings: string[];
  changedAt: Date;
  changedBy: string;
}

export interface Cell {
  label: string;
  /** Words, or names of which the first few are shown. */
  names: string[];
}

export function eligibilityRow(policy: Stored<EligibilityPolicy>, names: Names, uses: number): PolicyRow {
  const cells = [
    { label: 'Who', names: namesOf(policy.principals, names) },
    whereCell(policy, names),
    { label: 'Roles', names: namesOf(policy.permissionSets, names) },
    { label: 'Longest', names: [formatMinutes(policy.maxDurationMinutes)] },
    {
      label: 'Approval',
      names: [policy.approvalRequired ? 'Needed' : 'Not needed', ...(policy.ticketRequired ? ['with ticket'] : [])],
    },
  ];
  const refs = [...policy.principals, ...policy.targets, ...policy.permissionSets];
  return { ...common(policy, uses), cells, warnings: staleWarnings(refs, names) };
}

export function approvalRow(policy: Stored<ApprovalPolicy>, names: Names, uses: number): PolicyRow {
  const approvers = policy.steps.flatMap((step) => step.approvers);
  const groups = policy.requesterGroups.map((id) => `GROUP:${id}`);
  const cells = [
    { label: 'Who approves', names: namesOf(approvers, names) },
    { label: 'Needed', names: [policy.steps.map((step) => String(step.approvalsNeeded)).join(', then ')] },
    whereCell(policy, names),
    { label: 'Roles', names: policy.permissionSets.length === 0 ? ['All'] : namesOf(policy.permissionSets, names) },
    { label: 'Who asks', names: groups.length === 0 ? ['Anyone'] : namesOf(groups, names) },
  ];
  const refs = [...approvers, ...policy.targets, ...policy.permissionSets, ...groups];
  return { ...common(policy, uses), cells, warnings: staleWarnings(refs, names) };
}

/** Those with warnings first, then by name. */
export function byUrgency(a: PolicyRow, b: PolicyRow): number {
  return Number(b.warnings.length > 0) - Number(a.warnings.length > 0) || byName(a, b);
}

function common(policy: Stored<EligibilityPolicy | ApprovalPolicy>, uses: number) {
  return { id: policy.id, name: policy.name, uses, changedAt: policy.changed.at, changedBy: policy.changed.byName };
}

function whereCell(policy: { targets: string[]; includeNestedOus: boolean }, names: Names): Cell {
  const nested = policy.includeNestedOus && policy.targets.some((ref) => ref.startsWith('OU:'));
  return { label: 'Where', names: [...namesOf(policy.targets, names), ...(nested ? ['with nested OUs'] : [])] };
}

function namesOf(refs: string[], names: Names): string[] {
  return names.all(refs).map((named) => named.name);
}

const ARTICLES: Record<Named['kind'], string> = {
  person: 'The person',
  group: 'The group',
  account: 'The account',
  OU: 'The OU',
  role: 'The role',
};

function staleWarnings(refs: string[], names: Names): string[] {
  return names
    .all([...new Set(refs)])
    .filter((named) => !named.known)
    .map((named) => `${ARTICLES[named.kind]} ${named.name} no longer exists. Edit the policy and take it out.`);
}
