import { type CompiledEligibility, coversPlace, type Place, type Policies } from './compile.ts';
import { type Bounds, boundsOf } from './guard.ts';
import { longestOf, withoutApproval } from './offers.ts';
import type { PolicyLimits, PolicyRef } from './types.ts';

/** From the least to the most of something over several roles or accounts. Minutes. */
export interface Span {
  least: number;
  most: number;
}

/** What one eligibility policy comes to within the guardrails and the settings, over all that was asked about. */
export interface Terms {
  longest: Span;
  /** 0 where approval is always needed. */
  longestWithoutApproval: Span;
}

/** The bounds of each role in each account, found once. */
export type BoundsAt = (place: Place, permissionSetArn: string) => Bounds;

export function boundsAt(policies: Policies, limits: PolicyLimits): BoundsAt {
  const known = new Map<string, Bounds>();
  return (place, permissionSetArn) => {
    const key = `${place.accountId} ${permissionSetArn}`;
    const bounds = known.get(key) ?? boundsOf(policies, place, permissionSetArn, limits);
    known.set(key, bounds);
    return bounds;
  };
}

/** What the policy comes to for these roles in these accounts, as far as it takes them; null where it takes none of them. */
export function termsOf(
  each: CompiledEligibility,
  { places, roles }: { places: readonly Place[]; roles: readonly string[] },
  limits: PolicyLimits,
  bounds: BoundsAt,
): Terms | null {
  const given = roles.filter((arn) => each.permissionSets.has(arn));
  const longest: number[] = [];
  const alone: number[] = [];
  for (const place of places) {
    if (!coversPlace(each.places, place)) continue;
    for (const arn of given) {
      const here = bounds(place, arn);
      longest.push(longestOf([each], limits, here));
      alone.push(longestOf(withoutApproval([each], limits, here), limits, here));
    }
  }
  return longest.length === 0 ? null : { longest: spanOf(longest), longestWithoutApproval: spanOf(alone) };
}

/** The guardrails that take some of these roles in some of these accounts. */
export function guardrailsOver(
  { places, roles }: { places: readonly Place[]; roles: readonly string[] },
  bounds: BoundsAt,
): PolicyRef[] {
  const found = new Map<string, PolicyRef>();
  for (const place of places) {
    for (const arn of roles) for (const ref of bounds(place, arn).guardrails) found.set(ref.id, ref);
  }
  return [...found.values()];
}

function spanOf(minutes: number[]): Span {
  // Not by spread: a policy may take more accounts than a call takes arguments.
  const span = { least: Infinity, most: 0 };
  for (const each of minutes) {
    span.least = Math.min(span.least, each);
    span.most = Math.max(span.most, each);
  }
  return span;
}
