import type { Names } from '../names.ts';
import { type Fields, one } from './field-values.ts';
import { without } from './fields.ts';
import { changeSteps, stepsOf, withSteps } from './steps.ts';

/** The form after the button that was pressed: steps added, removed or moved, or what no longer exists taken out. */
export function applyButton(fields: Fields, names: Names): Fields {
  const action = one(fields, 'stepAction');
  if (action !== '') return withSteps(fields, changeSteps(stepsOf(fields), action));
  if (one(fields, 'takeOut') === 'stale') return without(fields, (ref) => !names.of(ref).known);
  return fields;
}
