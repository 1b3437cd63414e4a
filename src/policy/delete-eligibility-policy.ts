import type { Actor } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Seen } from './kind-of-policy.ts';
import { deletePolicy } from './save.ts';
import { ELIGIBILITY } from './save-eligibility-policy.ts';
import type { Stored } from './store.ts';
import type { EligibilityPolicy } from './types.ts';

/** Deletes the policy as the person saw it, and returns what it was: see `deletePolicy` for what it throws. */
export function deleteEligibilityPolicy(
  platform: Platform,
  seen: Seen,
  actor: Actor,
): Promise<Stored<EligibilityPolicy>> {
  return deletePolicy(platform, ELIGIBILITY, seen, actor);
}
