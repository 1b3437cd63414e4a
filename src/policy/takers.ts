import { type Requirement, requirement } from './approval.ts';
import { type CompiledEligibility, coversPlace, holds, type Place, type Policies } from './compile.ts';

/** What is asked about: an account, a role, or both. */
export interface Offered {
  place: Place | null;
  permissionSetArn: string | null;
}

/** The eligibility policies by which somebody may ask for it now. */
export function takingPolicies(
  policies: Policies,
  { place, permissionSetArn }: Offered,
  now: Date,
): CompiledEligibility[] {
  return policies.eligibility.filter(
    (each) =>
      holds(each.policy, now) &&
      (permissionSetArn === null || each.permissionSets.has(permissionSetArn)) &&
      (place === null || coversPlace(each.places, place)),
  );
}

/** Requests that the same people decide. */
export interface Kind {
  /** Null: the role asked about, or every role that is in no other kind. */
  permissionSetArn: string | null;
  /** Null: whoever asks for this role and is in no other kind. Somebody in several such groups meets all of what they say. */
  requesterGroup: string | null;
  requirement: Requirement;
}

/**
 * Who decides on requests for an account, by the roles and requester groups that approval policies tell apart there.
 * Roles, and within a role groups, for which the same holds as for all others are left out; the others come last.
 */
export function kindsOfRequest(policies: Policies, place: Place, permissionSetArn: string | null, now: Date): Kind[] {
  const about = policies.approval.filter((each) => holds(each.policy, now) && coversPlace(each.places, place));
  const groups = [...new Set(about.flatMap((each) => each.policy.requesterGroups))];
  const kindsFor = (role: string | null): Kind[] => {
    const asked = { ...place, permissionSetArn: role ?? permissionSetArn ?? '' };
    const kindOf = (requesterGroup: string | null): Kind => ({
      permissionSetArn: role,
      requesterGroup,
      requirement: requirement(
        policies,
        { userId: '', groupIds: requesterGroup === null ? [] : [requesterGroup] },
        asked,
        now,
      ),
    });
    const others = kindOf(null);
    return [...groups.map(kindOf).filter((each) => !sameSteps(each, others)), others];
  };
  const everyRole = kindsFor(null);
  if (permissionSetArn !== null) return everyRole;
  const roles = [...new Set(about.flatMap((each) => each.policy.permissionSets))];
  const apart = roles.map(kindsFor).filter((kinds) => !sameKinds(kinds, everyRole));
  return [...apart.flat(), ...everyRole];
}

function sameKinds(some: Kind[], others: Kind[]): boolean {
  return (
    some.length === others.length &&
    some.every((each, index) => {
      const other = others[index];
      return other !== undefined && each.requesterGroup === other.requesterGroup && sameSteps(each, other);
    })
  );
}

function sameSteps(a: Kind, b: Kind): boolean {
  return JSON.stringify(a.requirement.steps) === JSON.stringify(b.requirement.steps);
}
