import { byName, type CompiledApproval, coversRequest, holds, type Policies, principalsOf, refOf } from './compile.ts';
import type { ApprovalStep, Ask, PolicyRef, PrincipalRef, Subject } from './types.ts';

export interface Requirement {
  /** Empty where no approval policy covers what is asked for: then nobody could approve it. */
  steps: ApprovalStep[];
  policies: PolicyRef[];
  /** Those of them whose approvers a narrower policy replaces. */
  replaced: PolicyRef[];
}

type Asked = Pick<Ask, 'accountId' | 'ancestorIds' | 'permissionSetArn'>;

/**
 * Who must say yes, and how many of them. Per step the approvers of the broad policies unite; policies narrowed to
 * permission sets or requester groups replace them, and the broad ones come back only if every narrowed one says that
 * broader approvers may decide too. The needed number of a step is the highest that any covering policy names. Where
 * only a replaced policy has a step, the last approvers of the narrowed ones take it: a step never falls away.
 */
export function requirement(policies: Policies, subject: Subject, ask: Asked, now: Date): Requirement {
  const covering = coveringApprovals(policies, subject, ask, now);
  const narrowed = covering.filter((each) => each.narrowed);
  const broaderToo = narrowed.every((each) => each.policy.broaderMayDecide);
  const deciding = narrowed.length === 0 || broaderToo ? covering : narrowed;
  const count = Math.max(0, ...covering.map((each) => each.policy.steps.length));

  const steps: ApprovalStep[] = [];
  for (let index = 0; index < count; index++) {
    const own = deciding.flatMap((each) => each.policy.steps[index]?.approvers ?? []);
    const needed = covering.map((each) => each.policy.steps[index]?.approvalsNeeded ?? 0);
    steps.push({
      approvers: own.length > 0 ? [...new Set(own)].sort() : (steps.at(-1)?.approvers ?? []),
      approvalsNeeded: Math.max(...needed),
    });
  }
  const refs = (list: CompiledApproval[]) => list.map((each) => refOf('approval', each.policy));
  return { steps, policies: refs(covering), replaced: refs(covering.filter((each) => !deciding.includes(each))) };
}

function coveringApprovals(policies: Policies, subject: Subject, ask: Asked, now: Date): CompiledApproval[] {
  const candidates = new Set<CompiledApproval>();
  for (const target of [`ACCOUNT:${ask.accountId}`, ...ask.ancestorIds.map((id) => `OU:${id}`)]) {
    for (const each of policies.byApprovalTarget.get(target) ?? []) candidates.add(each);
  }
  return [...candidates]
    .filter((each) => holds(each.policy, now) && coversRequest(each, ask, subject.groupIds))
    .toSorted((a, b) => byName(a.policy, b.policy));
}

/** Whether the person is one of the approvers, by themselves or by a group. Says nothing about own requests. */
export function mayDecide(approvers: PrincipalRef[], subject: Subject): boolean {
  const principals = new Set(principalsOf(subject));
  return approvers.some((approver) => principals.has(approver));
}

/** Whether some enabled approval policy names the person: what makes them an approver in the navigation. */
export function isApprover(policies: Policies, subject: Subject): boolean {
  // The other way round would look up every group of the person in every policy, on every page.
  const principals = new Set(principalsOf(subject));
  return policies.approval.some((each) => {
    if (!each.policy.enabled) return false;
    for (const approver of each.approvers) if (principals.has(approver)) return true;
    return false;
  });
}

/** The user IDs of a step's approvers, each once. `members`: the user IDs of each group; a group not in it has none. */
export function approversIn(step: ApprovalStep, members: ReadonlyMap<string, readonly string[]>): string[] {
  const people = new Set<string>();
  for (const approver of step.approvers) {
    const [kind, id] = splitRef(approver);
    if (kind === 'USER') people.add(id);
    else for (const userId of members.get(id) ?? []) people.add(userId);
  }
  return [...people];
}

/** 'GROUP:abc' as its two parts. The ID is opaque and may hold colons. */
export function splitRef(ref: string): [kind: string, id: string] {
  const at = ref.indexOf(':');
  return [ref.slice(0, at), ref.slice(at + 1)];
}

export type Fulfilment =
  | { possible: true }
  /** `step` counts from 0; `found` are the people who could act in it, besides the requester and those needed before. */
  | { possible: false; step: number; needed: number; found: number };

/**
 * Whether the steps can be fulfilled at all. `people`: for each step the user IDs of enabled approvers. The requester
 * never counts, and nobody counts twice in one request, so that steps with the same people need as many as their sum.
 */
export function fulfilment(
  steps: readonly ApprovalStep[],
  people: readonly (readonly string[])[],
  requesterId: string,
): Fulfilment {
  const counts = countsByReach(reachOf(people), requesterId);
  for (const [index, { approvalsNeeded }] of steps.entries()) {
    const found = foundFor(index, steps, counts);
    if (found < approvalsNeeded) return { possible: false, step: index, needed: approvalsNeeded, found };
  }
  return { possible: true };
}

/** In which steps each person could act: one bit a step. Where there are more steps than bits, the later ones have nobody. */
export function reachOf(people: readonly (readonly string[])[]): Map<string, number> {
  const reach = new Map<string, number>();
  for (const [step, ids] of people.slice(0, MOST_STEPS).entries()) {
    for (const id of ids) reach.set(id, (reach.get(id) ?? 0) | (1 << step));
  }
  return reach;
}

/** More than any policy can have; each one more doubles the sets of steps that are compared. */
const MOST_STEPS = 12;

/** How many people there are of each reach, without this one. */
function countsByReach(reach: ReadonlyMap<string, number>, without: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [id, steps] of reach) if (id !== without) counts.set(steps, (counts.get(steps) ?? 0) + 1);
  return counts;
}

/**
 * How many could act in the step once those before it have who they need. By Hall's theorem: of each set of earlier
 * steps together with this one, the people who could act in any of them, less those whom the earlier ones need.
 */
function foundFor(index: number, steps: readonly ApprovalStep[], counts: ReadonlyMap<number, number>): number {
  if (index >= MOST_STEPS) return 0;
  let least = Infinity;
  for (let earlier = 0; earlier < 1 << index; earlier += 1) {
    const together = earlier | (1 << index);
    let free = 0;
    for (const [reach, count] of counts) if (reach & together) free += count;
    for (let step = 0; step < index; step += 1) {
      if (earlier & (1 << step)) free -= steps[step]?.approvalsNeeded ?? 0;
    }
    least = Math.min(least, free);
  }
  return Math.max(0, least);
}
