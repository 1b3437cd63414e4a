import { formatMinutes } from '../../platform/time.ts';
import type { Names } from '../names.ts';
import type {
  ApprovalPolicy,
  ApprovalStep,
  EligibilityPolicy,
  Guardrail,
  PolicyContent,
  PolicyKind,
  When,
  Where,
} from '../types.ts';

/** What a policy says, with its kind. */
export type Content =
  | { kind: 'eligibility'; policy: PolicyContent<EligibilityPolicy> }
  | { kind: 'approval'; policy: PolicyContent<ApprovalPolicy> }
  | { kind: 'guardrail'; policy: PolicyContent<Guardrail> };

/** Words, or an instant, which the page puts into its reader's zone. */
export type Value = string | Date;

/** One thing that a policy says: several names, or one value. */
export interface Statement {
  label: string;
  values: Value[];
}

/** What became of one statement: names that came and went, or one value that was another before. */
export type Difference =
  | { label: string; added: string[]; removed: string[] }
  | { label: string; from: Value; to: Value };

/** Everything that the policy says, in the order of its form. Its ticket is not of the policy but of its change. */
export function statements(content: Content, names: Names): Statement[] {
  return facetsOf(content).map(({ label, ...facet }) => ({
    label,
    values: 'refs' in facet ? (facet.refs.length === 0 ? [facet.none] : namesOf(facet.refs, names)) : [facet.value],
  }));
}

/** What differs between two versions of a policy, in the order of its form; of a policy's first version, all that it says. */
export function differences(before: Content | null, after: Content, names: Names): Difference[] {
  const was = new Map((before?.kind === after.kind ? facetsOf(before) : []).map((facet) => [facet.label, facet]));
  const is = facetsOf(after);
  const labels = new Set(is.map(({ label }) => label));
  // A step that is gone stands after those that are left.
  const gone = [...was.values()].filter(({ label }) => !labels.has(label));
  return [
    ...is.map((facet) => differenceOf(was.get(facet.label), facet, names)),
    ...gone.map((facet) => differenceOf(facet, undefined, names)),
  ].filter((difference) => difference !== null);
}

/** `refs`: names of things; `none`: what it means that there are none. `wide`: then it means everything, not nothing. */
type Facet = { label: string } & ({ refs: string[]; none: string; wide?: boolean } | { value: Value });

function differenceOf(was: Facet | undefined, is: Facet | undefined, names: Names): Difference | null {
  const label = is?.label ?? was?.label ?? '';
  if ((was && 'refs' in was) || (is && 'refs' in is)) {
    const old = was && 'refs' in was ? was.refs : [];
    const now = is && 'refs' in is ? is.refs : [];
    const added = now.filter((ref) => !old.includes(ref));
    const removed = old.filter((ref) => !now.includes(ref));
    if (added.length + removed.length === 0) return null;
    const told = apart(added, removed, names);
    // That the only role goes makes a guardrail hold for all: what then is meant has to be read.
    const both = was !== undefined && is !== undefined;
    return {
      label,
      added: [...told.added, ...(both ? everything(is) : [])],
      removed: [...told.removed, ...(both ? everything(was) : [])],
    };
  }
  const from = was && 'value' in was ? was.value : '';
  const to = is && 'value' in is ? is.value : '';
  return String(from) === String(to) ? null : { label, from, to };
}

function everything(facet: Facet): string[] {
  return 'refs' in facet && facet.wide && facet.refs.length === 0 ? [facet.none] : [];
}

/** Two things of one name, of which one came and the other went, are told apart by their IDs. */
function apart(addedRefs: string[], removedRefs: string[], names: Names): { added: string[]; removed: string[] } {
  const added = namesOf(addedRefs, names);
  const removed = namesOf(removedRefs, names);
  if (!added.some((name) => removed.includes(name))) return { added, removed };
  const withId = (ref: string) => `${names.of(ref).name} (${ref.replace(/^[A-Z]+:/, '')})`;
  return { added: addedRefs.map(withId), removed: removedRefs.map(withId) };
}

function namesOf(refs: string[], names: Names): string[] {
  return names.all(refs).map((named) => named.name);
}

function facetsOf(content: Content): Facet[] {
  const { name, note } = content.policy;
  return [{ label: 'Name', value: name }, ...OWN_FACETS[content.kind](content), { label: 'Note', value: note }];
}

const OWN_FACETS: Record<PolicyKind, (content: Content) => Facet[]> = {
  eligibility: (content) => (content.kind === 'eligibility' ? ofEligibility(content.policy) : []),
  approval: (content) => (content.kind === 'approval' ? ofApproval(content.policy) : []),
  guardrail: (content) => (content.kind === 'guardrail' ? ofGuardrail(content.policy) : []),
};

function ofEligibility(policy: PolicyContent<EligibilityPolicy>): Facet[] {
  return [
    { label: 'Who', refs: policy.principals, none: 'Nobody' },
    ...ofPlace(policy),
    { label: 'Roles', refs: policy.permissionSets, none: 'None' },
    { label: 'Longest', value: minutes(policy.maxDurationMinutes) },
    { label: 'Approval', value: policy.approvalRequired ? 'needed' : 'not needed' },
    { label: 'Ticket of a request', value: policy.ticketRequired ? 'needed' : 'not needed' },
    ...ofTime(policy),
  ];
}

function ofApproval(policy: PolicyContent<ApprovalPolicy>): Facet[] {
  return [
    ...policy.steps.flatMap(ofStep),
    ...ofPlace(policy),
    { label: 'Roles', refs: policy.permissionSets, none: 'All', wide: true },
    { label: 'Who asks', refs: policy.requesterGroups.map((id) => `GROUP:${id}`), none: 'Anyone', wide: true },
    { label: 'Broader approvers', value: policy.broaderMayDecide ? 'may decide too' : 'may not decide' },
    ...ofTime(policy),
  ];
}

function ofStep(step: ApprovalStep, index: number): Facet[] {
  const number = index + 1;
  return [
    { label: `Step ${number}: who approves`, refs: step.approvers, none: 'Nobody' },
    { label: `Step ${number}: approvals needed`, value: String(step.approvalsNeeded) },
  ];
}

function ofGuardrail(guardrail: PolicyContent<Guardrail>): Facet[] {
  const { maxDurationMinutes } = guardrail;
  return [
    { label: 'Roles', refs: guardrail.permissionSets, none: 'All', wide: true },
    { label: 'Where', refs: guardrail.targets, none: 'Everywhere', wide: true },
    { label: 'Without approval', value: guardrail.neverSelfServed ? 'never' : 'as the policies say' },
    { label: 'Longest', value: maxDurationMinutes === null ? 'as the policies say' : minutes(maxDurationMinutes) },
  ];
}

function ofPlace(where: Where): Facet[] {
  return [
    { label: 'Where', refs: where.targets, none: 'Nowhere' },
    { label: 'Nested organizational units', value: where.includeNestedOus ? 'included' : 'not included' },
    { label: 'Except', refs: where.exclusions, none: 'Nothing' },
  ];
}

function ofTime(when: When): Facet[] {
  return [
    { label: 'Enabled', value: when.enabled ? 'yes' : 'no' },
    { label: 'Holds from', value: when.startsAt ?? 'at once' },
    { label: 'Holds until', value: when.endsAt ?? 'no end' },
  ];
}

function minutes(count: number): string {
  return formatMinutes(Math.max(0, count));
}
