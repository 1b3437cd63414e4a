import { eligibilityMistakes } from '../form/check.ts';
import { findEligibilityPolicy, writeEligibilityPolicy } from '../store.ts';
import type { EligibilityPolicy } from '../types.ts';
import { EligibilityDocument } from './documents.ts';
import type { KindOfPolicy } from './kind-of-policy.ts';

export const ELIGIBILITY: KindOfPolicy<EligibilityPolicy> = {
  kind: 'eligibility',
  find: findEligibilityPolicy,
  write: writeEligibilityPolicy,
  mistakes: eligibilityMistakes,
  references: (content) => [
    ...content.principals,
    ...content.targets,
    ...content.exclusions,
    ...content.permissionSets,
  ],
  fromDocument: (document) => EligibilityDocument.parse(document),
};
