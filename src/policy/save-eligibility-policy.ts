import type { Actor } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import { eligibilityMistakes } from './check.ts';
import { EligibilityDocument } from './documents.ts';
import type { KindOfPolicy, Seen } from './kind-of-policy.ts';
import { savePolicy } from './save.ts';
import { findEligibilityPolicy, type Stored, writeEligibilityPolicy } from './store.ts';
import type { EligibilityPolicy, PolicyContent } from './types.ts';

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

/** Creates or changes an eligibility policy: see `savePolicy` for what it throws. */
export function saveEligibilityPolicy(
  platform: Platform,
  content: PolicyContent<EligibilityPolicy>,
  actor: Actor,
  seen?: Seen,
): Promise<Stored<EligibilityPolicy>> {
  return savePolicy(platform, ELIGIBILITY, content, actor, seen);
}
