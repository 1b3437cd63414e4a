import type { FieldErrors } from '../../platform/errors.ts';
import type { Names } from '../names.ts';
import type { PolicyKind } from '../types.ts';
import { type Fields, one } from './field-values.ts';
import { without } from './fields.ts';
import { changeSteps, stepsOf, withSteps } from './steps.ts';

/**
 * The form after the button that was pressed: steps added, removed or moved, or what no longer exists taken out. A list
 * that takes everything once it is empty is never emptied so; a sentence at its field says what to do instead.
 */
export function applyButton(kind: PolicyKind, fields: Fields, names: Names): { fields: Fields; errors: FieldErrors } {
  const action = one(fields, 'stepAction');
  if (action !== '') return { fields: withSteps(fields, changeSteps(stepsOf(fields), action)), errors: {} };
  if (one(fields, 'takeOut') !== 'stale') return { fields, errors: {} };
  const sentences = EMPTY_TAKES_ALL[kind];
  const done = without(fields, (ref) => !names.of(ref).known, Object.keys(sentences));
  return { fields: done.fields, errors: Object.fromEntries(done.kept.map((name) => [name, sentences[name] ?? ''])) };
}

const EMPTY_TAKES_ALL: Record<PolicyKind, Record<string, string>> = {
  eligibility: {},
  approval: {
    requesterGroups:
      'Nothing would be left, and that would mean requests by anyone: choose another group, or switch the policy off.',
    permissionSets:
      'Nothing would be left, and that would mean all roles: choose another role, or switch the policy off.',
  },
  guardrail: {
    permissionSets:
      'Nothing would be left, and that would mean all roles: choose another role, or delete the guardrail.',
    targets: 'Nothing would be left, and that would mean everywhere: choose another place, or delete the guardrail.',
  },
};
