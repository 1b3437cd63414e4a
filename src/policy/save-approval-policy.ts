import type { Actor } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import { approvalMistakes } from './check.ts';
import { ApprovalDocument } from './documents.ts';
import type { KindOfPolicy, Seen } from './kind-of-policy.ts';
import { savePolicy } from './save.ts';
import { findApprovalPolicy, type Stored, writeApprovalPolicy } from './store.ts';
import type { ApprovalPolicy, PolicyContent } from './types.ts';

export const APPROVAL: KindOfPolicy<ApprovalPolicy> = {
  kind: 'approval',
  find: findApprovalPolicy,
  write: writeApprovalPolicy,
  mistakes: approvalMistakes,
  references: (content) => [
    ...content.targets,
    ...content.exclusions,
    ...content.permissionSets,
    ...content.requesterGroups.map((id) => `GROUP:${id}`),
    ...content.steps.flatMap((step) => step.approvers),
  ],
  fromDocument: (document) => ApprovalDocument.parse(document),
};

/** Creates or changes an approval policy: see `savePolicy` for what it throws. */
export function saveApprovalPolicy(
  platform: Platform,
  content: PolicyContent<ApprovalPolicy>,
  actor: Actor,
  seen?: Seen,
): Promise<Stored<ApprovalPolicy>> {
  return savePolicy(platform, APPROVAL, content, actor, seen);
}
