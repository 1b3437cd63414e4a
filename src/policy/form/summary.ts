import { formatMinutes } from '../../platform/time.ts';
import { byName, whyNotHeld } from '../compile.ts';
import type { Named, Names } from '../names.ts';
import type { Stored } from '../store.ts';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail, When, Where } from '../types.ts';

/** Whether a policy holds at this moment, and if not why. */
export type PolicyState = 'in-force' | 'disabled' | 'not-yet' | 'over';

/** A policy as a row of its list. */
export interface PolicyRow {
  id: string;
  name: string;
  cells: Cell[];
  uses: number;
  state: PolicyState;
  startsAt: Date | null;
  endsAt: Date | null;
  /** Something that it names no longer exists. */
  stale: boolean;
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

export interface RowFacts {
  names: Names;
  uses: number;
  now: Date;
}

export function eligibilityRow(policy: Stored<EligibilityPolicy>, facts: RowFacts): PolicyRow {
  const { names } = facts;
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
  const refs = [...policy.principals, ...policy.targets, ...policy.exclusions, ...policy.permissionSets];
  return { ...common(policy, facts, refs), ...times(policy, facts.now), cells };
}

export function approvalRow(policy: Stored<ApprovalPolicy>, facts: RowFacts): PolicyRow {
  const { names } = facts;
  const approvers = policy.steps.flatMap((step) => step.approvers);
  const groups = policy.requesterGroups.map((id) => `GROUP:${id}`);
  const cells = [
    { label: 'Who approves', names: namesOf([...new Set(approvers)], names) },
    { label: 'Needed', names: [policy.steps.map((step) => String(step.approvalsNeeded)).join(', then ')] },
    whereCell(policy, names),
    { label: 'Roles', names: policy.permissionSets.length === 0 ? ['All'] : namesOf(policy.permissionSets, names) },
    { label: 'Who asks', names: groups.length === 0 ? ['Anyone'] : namesOf(groups, names) },
  ];
  const refs = [...approvers, ...policy.targets, ...policy.exclusions, ...policy.permissionSets, ...groups];
  return { ...common(policy, facts, refs), ...times(policy, facts.now), cells };
}

export function guardrailRow(guardrail: Stored<Guardrail>, facts: RowFacts): PolicyRow {
  const { names } = facts;
  const { permissionSets, targets, maxDurationMinutes } = guardrail;
  const cells = [
    { label: 'Roles', names: permissionSets.length === 0 ? ['All'] : namesOf(permissionSets, names) },
    targets.length === 0
      ? { label: 'Where', names: ['Everywhere'] }
      : whereCell({ targets, exclusions: [], includeNestedOus: true }, names),
    { label: 'Approval', names: [guardrail.neverSelfServed ? 'Always needed' : 'As policies say'] },
    { label: 'Longest', names: [maxDurationMinutes === null ? 'As policies say' : formatMinutes(maxDurationMinutes)] },
  ];
  const row = common(guardrail, facts, [...permissionSets, ...targets]);
  return { ...row, state: 'in-force', startsAt: null, endsAt: null, cells };
}

/** Those that name what no longer exists first, then by name. */
export function byUrgency(a: PolicyRow, b: PolicyRow): number {
  return Number(b.stale) - Number(a.stale) || byName(a, b);
}

function common(policy: Stored<EligibilityPolicy | ApprovalPolicy | Guardrail>, facts: RowFacts, refs: string[]) {
  const { id, name, changed } = policy;
  const warnings = staleWarnings(refs, facts.names);
  return {
    id,
    name,
    uses: facts.uses,
    stale: warnings.length > 0,
    warnings,
    changedAt: changed.at,
    changedBy: changed.byName,
  };
}

function times(policy: When, now: Date) {
  const { startsAt, endsAt } = policy;
  return { state: stateOf(policy, now), startsAt, endsAt };
}

export function stateOf(policy: When, now: Date): PolicyState {
  return whyNotHeld(policy, now) ?? 'in-force';
}

function whereCell(policy: Where, names: Names): Cell {
  return { label: 'Where', names: placesInWords(policy, names) };
}

/** Where a policy holds, as the list and "Who can get what" have it: the places, whether nested OUs count, and what is left out. */
export function placesInWords(policy: Where, names: Names): string[] {
  const nested = policy.includeNestedOus && policy.targets.some((ref) => ref.startsWith('OU:'));
  const except = policy.exclusions.length === 0 ? [] : [`except ${namesOf(policy.exclusions, names).join(', ')}`];
  return [...namesOf(policy.targets, names), ...(nested ? ['with nested OUs'] : []), ...except];
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

/** For each reference to what no longer exists what to do about it. */
export function staleWarnings(refs: string[], names: Names, advice = ' Edit the policy and take it out.'): string[] {
  return names
    .all([...new Set(refs)])
    .filter((named) => !named.known)
    .map((named) => `${ARTICLES[named.kind]} ${named.name} no longer exists.${advice}`);
}
