import type { Tx } from '../../platform/db.ts';
import { formatMinutes } from '../../platform/time.ts';
import { APPROVAL } from '../change/approval-kind.ts';
import type { Content } from '../change/difference.ts';
import { ELIGIBILITY } from '../change/eligibility-kind.ts';
import { GUARDRAIL } from '../change/guardrail-kind.ts';
import type { AnyPolicy, KindOfPolicy } from '../change/kind-of-policy.ts';
import { listGuardrails } from '../guardrail-store.ts';
import type { Names } from '../names.ts';
import { listApprovalPolicies, listEligibilityPolicies, type Stored } from '../store.ts';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail, PolicyContent } from '../types.ts';
import { type Fields, one } from './field-values.ts';
import {
  approvalFields,
  eligibilityFields,
  guardrailFields,
  looseApproval,
  looseEligibility,
  looseGuardrail,
} from './fields.ts';
import { type Read, readApproval, readEligibility, readGuardrail } from './form.ts';
import type { PickerField } from './picker.ts';
import { eligibilityWarnings } from './row-warnings.ts';
import type { Searchable } from './search.ts';
import { approvalSentence, eligibilitySentence, guardrailSentence } from './sentence.ts';
import { stepField, stepsOf } from './steps.ts';
import {
  approvalRow,
  eligibilityRow,
  guardrailRow,
  type PolicyRow,
  type PolicyState,
  type RowFacts,
  stateOf,
} from './summary.ts';

/** Everything in which the pages of the kinds of policy differ. Times in forms are local to the zone of their reader. */
export interface PolicyPages<P extends AnyPolicy> {
  how: KindOfPolicy<P>;
  /** Where the pages live. */
  base: string;
  /** The form's fields, for its template. */
  formView: string;
  /** `short`: the last word of `one`. `deletion`: what follows from deleting it. */
  words: { title: string; one: string; short: string; what: string; save: string; deletion: string };
  /** Whether it can be switched off and have dates. */
  hasTimes: boolean;
  read(fields: Fields, timeZone: string): Read<PolicyContent<P> & { name: string; ticket: string }>;
  /** What the form says so far, right or wrong. */
  loose(fields: Fields, timeZone: string): PolicyContent<P>;
  pickers(fields: Fields): PickerField[];
  list(tx: Tx): Promise<Stored<P>[]>;
  row(policy: Stored<P>, facts: RowFacts): PolicyRow;
  /** What to think of twice about the policies of a page of the list, by policy ID, besides what no longer exists. */
  warnings(tx: Tx, policies: readonly Stored<P>[]): Promise<Map<string, string[]>>;
  searchable(policy: P): Searchable;
  fieldsOf(policy: PolicyContent<P>, timeZone: string): Fields;
  /** The fields of a new policy. */
  emptyFields(limits: { maxDurationMinutes: number }): Fields;
  sentence(content: PolicyContent<P>, names: Names, timeZone: string): string;
  content(policy: PolicyContent<P>): Content;
  state(policy: PolicyContent<P>, now: Date): PolicyState;
  /** What would be lost without anybody meaning it, as a sentence; null where nothing would. */
  wouldLose(stored: P, fields: Fields): string | null;
  /** How the list begins where there is no policy yet. */
  emptyView: string;
}

const KEPT = 'Access that was given stays until it ends. Its history stays, and an administrator can restore it.';

export const ELIGIBILITY_PAGES: PolicyPages<EligibilityPolicy> = {
  how: ELIGIBILITY,
  base: '/admin/eligibility-policies',
  formView: '/policy/_eligibility-fields',
  emptyView: '/policy/_eligibility-empty',
  words: {
    title: 'Eligibility policies',
    one: 'eligibility policy',
    short: 'policy',
    what: 'Who may ask for which roles in which accounts, and for how long.',
    save: 'Save policy',
    deletion: `Then nobody gets anything through it: requests that wait for a decision or for their time need another policy that allows them. ${KEPT}`,
  },
  hasTimes: true,
  read: readEligibility,
  loose: looseEligibility,
  pickers: () => ['principals', 'targets', 'exclusions', 'permissionSets'],
  list: listEligibilityPolicies,
  row: eligibilityRow,
  warnings: eligibilityWarnings,
  searchable: (policy) => ({ ...policy, refs: [...policy.principals, ...policy.permissionSets] }),
  fieldsOf: eligibilityFields,
  emptyFields: ({ maxDurationMinutes }) => ({
    maxDurationMinutes: String(Math.min(60, maxDurationMinutes)),
    approvalRequired: 'true',
  }),
  sentence: eligibilitySentence,
  content: (policy) => ({ kind: 'eligibility', policy }),
  state: stateOf,
  wouldLose: () => null,
};

export const APPROVAL_PAGES: PolicyPages<ApprovalPolicy> = {
  how: APPROVAL,
  base: '/admin/approval-policies',
  formView: '/policy/_approval-fields',
  emptyView: '/policy/_approval-empty',
  words: {
    title: 'Approval policies',
    one: 'approval policy',
    short: 'policy',
    what: 'Who approves requests for which accounts.',
    save: 'Save policy',
    deletion: `Then nobody decides through it: requests that wait for a decision go by the approval policies that are left. ${KEPT}`,
  },
  hasTimes: true,
  read: readApproval,
  loose: looseApproval,
  pickers: (fields) => [
    ...stepsOf(fields).map((_, index) => stepField('approvers', index) as PickerField),
    'targets',
    'exclusions',
    'permissionSets',
    'requesterGroups',
  ],
  list: listApprovalPolicies,
  row: approvalRow,
  warnings: async () => new Map(),
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
  sentence: approvalSentence,
  content: (policy) => ({ kind: 'approval', policy }),
  state: stateOf,
  // A script that knows one step only must not turn two steps into one.
  wouldLose: ({ steps }, fields) => {
    const sent = stepsOf(fields).length;
    if (sent >= steps.length || one(fields, 'stepCount') !== '') return null;
    return `This policy has ${steps.length} steps, and only ${sent} came with this form. Send approvers2 and approvalsNeeded2 for the second step, and so on, or stepCount=${sent} where the others shall go.`;
  },
};

export const GUARDRAIL_PAGES: PolicyPages<Guardrail> = {
  how: GUARDRAIL,
  base: '/admin/guardrails',
  formView: '/policy/_guardrail-fields',
  emptyView: '/policy/_guardrail-empty',
  words: {
    title: 'Guardrails',
    one: 'guardrail',
    short: 'guardrail',
    what: 'Limits that no policy can loosen, for roles and places that need them.',
    save: 'Save guardrail',
    deletion: 'Then it limits nothing any more. Its history stays, and an administrator can restore it.',
  },
  hasTimes: false,
  read: readGuardrail,
  loose: looseGuardrail,
  pickers: () => ['permissionSets', 'targets'],
  list: listGuardrails,
  row: guardrailRow,
  warnings: async () => new Map(),
  searchable: (guardrail) => ({
    name: guardrail.name,
    targets: guardrail.targets,
    exclusions: [],
    includeNestedOus: true,
    refs: guardrail.permissionSets,
  }),
  fieldsOf: guardrailFields,
  emptyFields: () => ({ neverSelfServed: 'true' }),
  sentence: guardrailSentence,
  content: (policy) => ({ kind: 'guardrail', policy }),
  state: () => 'in-force',
  wouldLose: () => null,
};

/** Durations to choose from with one click, none above the portal's maximum. */
export function durationChoices(maxDurationMinutes: number): { value: number; label: string }[] {
  return [30, 60, 120, 240, 480, 720, 1440]
    .filter((value) => value <= maxDurationMinutes)
    .map((value) => ({ value, label: formatMinutes(value) }));
}
