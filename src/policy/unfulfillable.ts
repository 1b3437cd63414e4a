import {
  assemble,
  compileApproval,
  compileEligibility,
  compileGuardrail,
  coversPlace,
  type Policies,
  principalsOf,
} from './compile.ts';
import { type Impact, impactOf, type Organization } from './impact.ts';
import type { PolicyChange } from './impact-change.ts';
import type { PolicyLimits } from './types.ts';

/**
 * Whom of those that the policy is about nobody could approve, where, and for which roles: because no approval policy
 * covers it, or because too few people besides the requester could act in its steps. Null where there is nobody.
 * `policies`: all of them, this one as it stands in `change` among them; whether it is new does not matter.
 */
export function unfulfillable(
  policies: Policies,
  change: PolicyChange,
  organization: Organization,
  limits: PolicyLimits,
  now: Date,
): Impact | null {
  const about = reachOf(change);
  if (about === null) return null;
  const { people, places, roles, deciders } = organization;
  const part = {
    people:
      about.principals === null
        ? people
        : people.filter((each) => principalsOf(each).some((ref) => about.principals?.has(ref))),
    places: about.places === null ? places : places.filter((place) => about.places && coversPlace(about.places, place)),
    roles: about.roles.size === 0 ? roles : roles.filter((arn) => about.roles.has(arn)),
    deciders,
  };
  // Against nobody being allowed anything, whoever is stuck is so newly.
  const nothing = assemble({ eligibility: [], approval: policies.approval, guardrails: policies.guardrails });
  const impacts = impactOf({ before: nothing, after: policies }, part, limits, now);
  return impacts.find(({ effect }) => effect === 'nobody-approves') ?? null;
}

function reachOf({ kind, policy }: PolicyChange) {
  if (policy === null) return null;
  const which = { id: '', version: 0 };
  if (kind === 'eligibility') {
    const { places, permissionSets } = compileEligibility({ ...policy, ...which });
    return { principals: new Set(policy.principals), places, roles: permissionSets };
  }
  if (kind === 'approval') {
    const { places, permissionSets } = compileApproval({ ...policy, ...which });
    return { principals: null, places, roles: permissionSets };
  }
  const { places, permissionSets } = compileGuardrail({ ...policy, ...which });
  return { principals: null, places: policy.targets.length === 0 ? null : places, roles: permissionSets };
}
