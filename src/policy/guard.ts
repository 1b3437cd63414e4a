import { type CompiledGuardrail, coversPlace, type Place, type Policies, refOf } from './compile.ts';
import type { PolicyLimits, PolicyRef } from './types.ts';

/** What limits all policies for one role in one account: the portal's settings and the guardrails together. */
export interface Bounds {
  /** The longest that may be asked for, whatever a policy allows. Minutes. */
  longestMinutes: number;
  /** Approval is needed whatever a policy says. */
  neverSelfServed: boolean;
  guardrails: PolicyRef[];
}

/** The bounds of one role in one account. */
export function boundsOf(
  policies: Policies,
  place: Place,
  permissionSetArn: string,
  { maxDurationMinutes }: Pick<PolicyLimits, 'maxDurationMinutes'>,
): Bounds {
  const bounds: Bounds = { longestMinutes: maxDurationMinutes, neverSelfServed: false, guardrails: [] };
  for (const each of policies.guardrails) {
    if (!guards(each, place, permissionSetArn)) continue;
    bounds.guardrails.push(refOf('guardrail', each.policy));
    bounds.neverSelfServed ||= each.policy.neverSelfServed;
    bounds.longestMinutes = Math.min(bounds.longestMinutes, each.policy.maxDurationMinutes ?? Infinity);
  }
  return bounds;
}

function guards(each: CompiledGuardrail, place: Place, permissionSetArn: string): boolean {
  if (each.permissionSets.size > 0 && !each.permissionSets.has(permissionSetArn)) return false;
  return each.policy.targets.length === 0 || coversPlace(each.places, place);
}

/** The longest duration that may be asked for up to `most`; 0 where none of the allowed ones is short enough. */
export function longestOffered(
  most: number,
  { allowedDurationsMinutes }: Pick<PolicyLimits, 'allowedDurationsMinutes'>,
): number {
  if (allowedDurationsMinutes.length === 0) return most;
  return Math.max(0, ...allowedDurationsMinutes.filter((minutes) => minutes <= most));
}
