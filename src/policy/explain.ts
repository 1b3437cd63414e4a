import { requirement } from './approval.ts';
import {
  type CompiledApproval,
  type CompiledEligibility,
  coversPlace,
  isNamed,
  type Place,
  type Places,
  type Policies,
  refOf,
  whyNotHeld,
} from './compile.ts';
import { evaluate, grounds, withApprovers } from './evaluate.ts';
import type {
  ApprovalStep,
  Ask,
  Guardrail,
  PolicyLimits,
  PolicyRef,
  PrincipalRef,
  Subject,
  TargetRef,
  Verdict,
  When,
} from './types.ts';

/** Why a policy does not hold now. */
export type Unheld =
  | { missing: 'disabled' }
  | { missing: 'not-yet'; startsAt: Date }
  | { missing: 'over'; endsAt: Date };

/** What a policy says of a place that it does not take. */
export type Elsewhere =
  /** `directOnly`: OUs above the account that are named, but not with what lies deeper in them. */
  { missing: 'target'; directOnly: TargetRef[] } | { missing: 'excluded'; by: TargetRef[] };

/** One thing that an eligibility policy lacked to allow a request, with what it says instead. */
export type Lack =
  | Unheld
  | Elsewhere
  | { missing: 'principal'; principals: PrincipalRef[] }
  | { missing: 'permission-set' }
  /** `guardrails`: those that allow less than the policy itself. Minutes; the portal's own longest is in `portalMinutes`. */
  | { missing: 'duration'; policyMinutes: number; portalMinutes: number; guardrails: Limit[] }
  | { missing: 'ticket'; portalWide: boolean };

interface Limit {
  policy: PolicyRef;
  maxDurationMinutes: number;
}

/** What one approval policy that is about this account, or would be, has to do with the request. */
export type ApprovalPart =
  | { policy: PolicyRef; part: 'applies' }
  /** Its approvers do not count, because these narrower policies keep them out. The number that it asks for counts. */
  | { policy: PolicyRef; part: 'replaced'; by: PolicyRef[] }
  | { policy: PolicyRef; part: 'none'; lacks: ApprovalLack[] };

export type ApprovalLack =
  | Unheld
  | Elsewhere
  | { missing: 'permission-set' }
  | { missing: 'requester'; requesterGroups: string[] };

/** The verdict with its reasons. */
export interface Explanation {
  verdict: Verdict;
  /** The eligibility policies that let the person ask for just this, whether or not something else stands in the way. */
  letting: PolicyRef[];
  nearMisses: { policy: PolicyRef; lacks: Lack[] }[];
  guardrails: Guardrail[];
  /** Who decides where approval is needed, told also where it is not. */
  steps: ApprovalStep[];
  approval: ApprovalPart[];
}

/** Who could act, as `withApprovers` takes it. */
export interface People {
  perStep: readonly (readonly string[])[];
  vanished?: readonly string[];
}

/**
 * Why somebody may have a role in an account for so long, or may not: the verdict of `evaluate` and `withApprovers`
 * themselves, and for each policy that comes into it what it does or lacks.
 */
export function explain(
  policies: Policies,
  subject: Subject,
  ask: Ask,
  limits: PolicyLimits,
  now: Date,
  people?: People,
): Explanation {
  const evaluated = evaluate(policies, subject, ask, limits, now);
  const verdict = people ? withApprovers(evaluated, people.perStep, subject.userId, people.vanished) : evaluated;
  const byId = new Map(policies.eligibility.map((each) => [each.policy.id, each]));
  const held = new Set(verdict.guardrails.map(({ id }) => id));
  const guardrails = policies.guardrails.map((each) => each.policy).filter(({ id }) => held.has(id));
  const missed = new Set(verdict.nearMisses.map(({ policy }) => policy.id));
  const letting = grounds(policies, subject, ask, limits, now).allowing.filter(({ policy }) => !missed.has(policy.id));
  return {
    verdict,
    letting: letting.map((each) => refOf('eligibility', each.policy)),
    nearMisses: verdict.nearMisses.flatMap(({ policy, missing }) => {
      const each = byId.get(policy.id);
      return each ? [{ policy, lacks: missing.map((one) => lackOf(one, each, ask, { limits, guardrails })) }] : [];
    }),
    guardrails,
    steps: requirement(policies, subject, ask, now).steps,
    approval: approvalParts(policies, subject, ask, now),
  };
}

function lackOf(
  missing: Lack['missing'],
  { policy, places }: CompiledEligibility,
  ask: Ask,
  { limits, guardrails }: { limits: PolicyLimits; guardrails: Guardrail[] },
): Lack {
  switch (missing) {
    case 'principal':
      return { missing, principals: policy.principals };
    case 'permission-set':
      return { missing };
    case 'ticket':
      return { missing, portalWide: !policy.ticketRequired && limits.ticketRequired };
    case 'duration':
      return {
        missing,
        policyMinutes: policy.maxDurationMinutes,
        portalMinutes: limits.maxDurationMinutes,
        guardrails: guardrails.flatMap((each) =>
          each.maxDurationMinutes !== null && each.maxDurationMinutes < policy.maxDurationMinutes
            ? [{ policy: refOf('guardrail', each), maxDurationMinutes: each.maxDurationMinutes }]
            : [],
        ),
      };
    case 'target':
    case 'excluded':
      return elsewhere(places, ask);
    default:
      return unheld(missing, policy);
  }
}

function elsewhere(places: Places, { accountId, ancestorIds }: Place): Elsewhere {
  if (isNamed(places, { accountId, ancestorIds })) {
    const units = ancestorIds.filter((id) => places.exceptOuIds.has(id)).map((id) => `OU:${id}`);
    return {
      missing: 'excluded',
      by: [...(places.exceptAccountIds.has(accountId) ? [`ACCOUNT:${accountId}`] : []), ...units],
    };
  }
  return {
    missing: 'target',
    directOnly: ancestorIds.filter((id) => places.ouIds.has(id)).map((id) => `OU:${id}`),
  };
}

function unheld(missing: Unheld['missing'], { startsAt, endsAt }: When): Unheld {
  if (missing === 'not-yet' && startsAt !== null) return { missing, startsAt };
  if (missing === 'over' && endsAt !== null) return { missing, endsAt };
  return { missing: 'disabled' };
}

/** What applies first, then what is replaced, then what lacks one thing only; what lacks more is left out. */
function approvalParts(policies: Policies, subject: Subject, ask: Ask, now: Date): ApprovalPart[] {
  const { policies: applying, replaced } = requirement(policies, subject, ask, now);
  const covering = new Set(applying.map(({ id }) => id));
  const out = new Set(replaced.map(({ id }) => id));
  const keepers = policies.approval
    .filter((each) => covering.has(each.policy.id) && each.narrowed && !each.policy.broaderMayDecide)
    .map((each) => refOf('approval', each.policy));
  const others = policies.approval.flatMap((each): ApprovalPart[] => {
    if (covering.has(each.policy.id)) return [];
    const lacks = approvalLacks(each, subject, ask, now);
    return lacks.length === 1 ? [{ policy: refOf('approval', each.policy), part: 'none', lacks }] : [];
  });
  return [
    ...applying.filter(({ id }) => !out.has(id)).map((policy): ApprovalPart => ({ policy, part: 'applies' })),
    ...replaced.map((policy): ApprovalPart => ({ policy, part: 'replaced', by: keepers })),
    ...others,
  ];
}

function approvalLacks(each: CompiledApproval, subject: Subject, ask: Ask, now: Date): ApprovalLack[] {
  const { policy, places, permissionSets, requesterGroups } = each;
  const lacks: ApprovalLack[] = [];
  const why = whyNotHeld(policy, now);
  if (why) lacks.push(unheld(why, policy));
  if (!coversPlace(places, ask)) lacks.push(elsewhere(places, ask));
  if (permissionSets.size > 0 && !permissionSets.has(ask.permissionSetArn)) lacks.push({ missing: 'permission-set' });
  if (requesterGroups.size > 0 && !subject.groupIds.some((id) => requesterGroups.has(id))) {
    lacks.push({ missing: 'requester', requesterGroups: policy.requesterGroups });
  }
  return lacks;
}
