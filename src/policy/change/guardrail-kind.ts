import { guardrailMistakes } from '../form/check.ts';
import { findGuardrail, writeGuardrail } from '../guardrail-store.ts';
import type { Guardrail } from '../types.ts';
import { GuardrailDocument } from './documents.ts';
import type { KindOfPolicy } from './kind-of-policy.ts';

export const GUARDRAIL: KindOfPolicy<Guardrail> = {
  kind: 'guardrail',
  find: findGuardrail,
  write: writeGuardrail,
  mistakes: guardrailMistakes,
  references: (content) => [...content.targets, ...content.permissionSets],
  fromDocument: (document) => GuardrailDocument.parse(document),
};
