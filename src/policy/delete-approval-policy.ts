import type { Actor } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Seen } from './kind-of-policy.ts';
import { deletePolicy } from './save.ts';
import { APPROVAL } from './save-approval-policy.ts';
import type { Stored } from './store.ts';
import type { ApprovalPolicy } from './types.ts';

/** Deletes the policy as the person saw it, and returns what it was: see `deletePolicy` for what it throws. */
export function deleteApprovalPolicy(platform: Platform, seen: Seen, actor: Actor): Promise<Stored<ApprovalPolicy>> {
  return deletePolicy(platform, APPROVAL, seen, actor);
}
