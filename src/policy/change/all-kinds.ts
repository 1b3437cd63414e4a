import type { PolicyKind } from '../types.ts';
import { APPROVAL } from './approval-kind.ts';
import type { Content } from './difference.ts';
import { ELIGIBILITY } from './eligibility-kind.ts';
import { GUARDRAIL } from './guardrail-kind.ts';
import type { AnyPolicy, KindOfPolicy } from './kind-of-policy.ts';

/** Where the pages of each kind live, and what one of them is called. */
export const PLACES: Record<PolicyKind, { base: string; title: string; one: string }> = {
  eligibility: { base: '/admin/eligibility-policies', title: 'Eligibility policies', one: 'eligibility policy' },
  approval: { base: '/admin/approval-policies', title: 'Approval policies', one: 'approval policy' },
  guardrail: { base: '/admin/guardrails', title: 'Guardrails', one: 'guardrail' },
};

/** Does something with the kind of policy that a row names. */
export function withKind<T>(kind: PolicyKind, work: <P extends AnyPolicy>(how: KindOfPolicy<P>) => T): T {
  if (kind === 'eligibility') return work(ELIGIBILITY);
  return kind === 'approval' ? work(APPROVAL) : work(GUARDRAIL);
}

/** What a kept document says. */
export function readContent(kind: PolicyKind, document: unknown): Content {
  if (kind === 'eligibility') return { kind, policy: ELIGIBILITY.fromDocument(document) };
  if (kind === 'approval') return { kind, policy: APPROVAL.fromDocument(document) };
  return { kind, policy: GUARDRAIL.fromDocument(document) };
}

/** Every reference that the policy makes, as `readNames` takes them. */
export function referencesOf(content: Content): string[] {
  if (content.kind === 'eligibility') return ELIGIBILITY.references(content.policy);
  if (content.kind === 'approval') return APPROVAL.references(content.policy);
  return GUARDRAIL.references(content.policy);
}
