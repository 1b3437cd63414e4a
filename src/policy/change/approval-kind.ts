import { approvalMistakes } from '../form/check.ts';
import { findApprovalPolicy, writeApprovalPolicy } from '../store.ts';
import type { ApprovalPolicy } from '../types.ts';
import { ApprovalDocument } from './documents.ts';
import type { KindOfPolicy } from './kind-of-policy.ts';

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
