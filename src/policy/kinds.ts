import type { z } from 'zod';
import type { Tx } from '../platform/db.ts';
import { formatMinutes } from '../platform/time.ts';
import { approvalFields, eligibilityFields, type Fields, looseApproval, looseEligibility } from './fields.ts';
import { ApprovalForm, EligibilityForm } from './form.ts';
import type { AnyPolicy, KindOfPolicy } from './kind-of-policy.ts';
import type { Names } from './names.ts';
import type { PickerField } from './picker.ts';
import { APPROVAL } from './save-approval-policy.ts';
import { ELIGIBILITY } from './save-eligibility-policy.ts';
import type { Searchable } from './search.ts';
import { approvalSentence, eligibilitySentence } from './sentence.ts';
import { listApprovalPolicies, listEligibilityPolicies, type Stored } from './store.ts';
import { approvalRow, eligibilityRow, type PolicyRow } from './summary.ts';
import type { ApprovalPolicy, EligibilityPolicy, PolicyContent } from './types.ts';

/** Everything in which the pages of the two kinds of policy differ. */
export interface PolicyPages<P extends AnyPolicy> {
  how: KindOfPolicy<P>;
  /** Where the pages live. */
  base: string;
  form: z.ZodType<PolicyContent<P> & { name: string }>;
  /** The form's fields, for its template. */
  formView: string;
  pickers: readonly PickerField[];
  words: { title: string; one: string; what: string };
  list(tx: Tx): Promise<Stored<P>[]>;
  row(policy: Stored<P>, names: Names, uses: number): PolicyRow;
  searchable(policy: P): Searchable;
  fieldsOf(policy: PolicyContent<P>): Fields;
  /** The fields of a new policy. */
  emptyFields(limits: { maxDurationMinutes: number }): Fields;
  sentence(fields: Fields, names: Names): string;
  references(fields: Fields): string[];
  /** How the list begins where there is no policy yet. */
  emptyView: string;
}

export const ELIGIBILITY_PAGES: PolicyPages<EligibilityPolicy> = {
  how: ELIGIBILITY,
  base: '/admin/eligibility-policies',
  form: EligibilityForm,
  formView: '/policy/_eligibility-fields',
  emptyView: '/policy/_eligibility-empty',
  pickers: ['principals', 'targets', 'permissionSets'],
  words: {
    title: 'Eligibility policies',
    one: 'eligibility policy',
    what: 'Who may ask for which roles in which accounts, and for how long.',
  },
  list: listEligibilityPolicies,
  row: eligibilityRow,
  searchable: (policy) => ({ ...policy, refs: [...policy.principals, ...policy.permissionSets] }),
  fieldsOf: eligibilityFields,
  emptyFields: ({ maxDurationMinutes }) => ({
    maxDurationMinutes: String(Math.min(60, maxDurationMinutes)),
    approvalRequired: 'true',
  }),
  sentence: (fields, names) => eligibilitySentence(looseEligibility(fields), names),
  references: (fields) => ELIGIBILITY.references(looseEligibility(fields)),
};

export const APPROVAL_PAGES: PolicyPages<ApprovalPolicy> = {
  how: APPROVAL,
  base: '/admin/approval-policies',
  form: ApprovalForm,
  formView: '/policy/_approval-fields',
  emptyView: '/policy/_approval-empty',
  pickers: ['approvers', 'targets', 'permissionSets', 'requesterGroups'],
  words: { title: 'Approval policies', one: 'approval policy', what: 'Who approves requests for which accounts.' },
  list: listApprovalPolicies,
  row: approvalRow,
  searchable: (policy) => ({
    ...policy,
    refs: [
      ...policy.permissionSets,
      ...policy.requesterGroups.map((id) => `GROUP:${id}`),
      ...policy.steps.flatMap((step) => step.approvers),
    ],
  }),
  fieldsOf: approvalFields,
  emptyFields: () => ({ approvalsNeeded: '1' }),
  sentence: (fields, names) => approvalSentence(looseApproval(fields), names),
  references: (fields) => APPROVAL.references(looseApproval(fields)),
};

/** Durations to choose from with one click, none above the portal's maximum. */
export function durationChoices(maxDurationMinutes: number): { value: number; label: string }[] {
  return [30, 60, 120, 240, 480, 720, 1440]
    .filter((value) => value <= maxDurationMinutes)
    .map((value) => ({ value, label: formatMinutes(value) }));
}
