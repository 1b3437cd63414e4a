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
  steps: ApprovalStep[],
  people: readonly (readonly string[])[],
  requesterId: string,
): Fulfilment {
  const takenBy = new Map<string, number>();
  const candidates = steps.map((_, index) => (people[index] ?? []).filter((id) => id !== requesterId));

  // Kuhn's matching: a person who already acts in another step is freed if somebody else can act there.
  const seat = (step: number, tried: Set<string>): boolean => {
    for (const person of candidates[step] ?? []) {
      if (tried.has(person)) continue;
      tried.add(person);
      const other = takenBy.get(person);
      if (other === undefined || (other !== step && seat(other, tried))) {
        takenBy.set(person, step);
        return true;
      }
    }
    return false;
  };

  for (const [index, step] of steps.entries()) {
    for (let found = 0; found < step.approvalsNeeded; found++) {
      if (!seat(index, new Set())) return { possible: false, step: index, needed: step.approvalsNeeded, found };
    }
  }
  return { possible: true };
}
