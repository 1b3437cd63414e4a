import { type Fields, many, one } from './field-values.ts';

/** More steps than anyone waits for, and few enough for one form. */
export const MOST_STEPS = 5;

type StepFieldName = 'approvers' | 'approvalsNeeded' | 'approversQuery';

/** The name of a step's field: `approvers`, then `approvers2` and so on. `index` counts from 0. */
export function stepField(name: StepFieldName, index: number): string {
  if (index === 0) return name;
  return name === 'approversQuery' ? `approvers${index + 1}Query` : `${name}${index + 1}`;
}

/** One step as a form has it, right or wrong. */
export interface StepFields {
  approvers: string[];
  approvalsNeeded: string;
  /** What its search field asks for. */
  query: string;
}

/** The steps of a form, in order. A number that nothing was sent for is no step; the first always is one. */
export function stepsOf(fields: Fields): StepFields[] {
  const steps: StepFields[] = [];
  for (let index = 0; index < MOST_STEPS; index++) {
    const sent = ['approvers', 'approvalsNeeded'] as const;
    if (index > 0 && !sent.some((name) => fields[stepField(name, index)] !== undefined)) continue;
    steps.push({
      approvers: many(fields, stepField('approvers', index)),
      approvalsNeeded: one(fields, stepField('approvalsNeeded', index)),
      query: one(fields, stepField('approversQuery', index)),
    });
  }
  return steps;
}

/** The form with these steps instead of its own. */
export function withSteps(fields: Fields, steps: StepFields[]): Fields {
  const changed = { ...fields };
  for (let index = 0; index < MOST_STEPS; index++) {
    const step = steps[index];
    const values = { approvers: step?.approvers, approvalsNeeded: step?.approvalsNeeded, approversQuery: step?.query };
    for (const name of ['approvers', 'approvalsNeeded', 'approversQuery'] as const) {
      const value = values[name];
      if (value === undefined) delete changed[stepField(name, index)];
      else changed[stepField(name, index)] = value;
    }
  }
  return changed;
}

/** What a button of the form does with its steps: `add`, `remove:2`, `up:2`, `down:2`, where 1 is the first step. */
export function changeSteps(steps: StepFields[], action: string): StepFields[] {
  const [what, number] = action.split(':');
  if (what === 'add') {
    return steps.length >= MOST_STEPS ? steps : [...steps, { approvers: [], approvalsNeeded: '1', query: '' }];
  }
  const at = Number(number) - 1;
  const step = steps[at];
  if (step === undefined) return steps;
  const others = steps.toSpliced(at, 1);
  if (what === 'remove') return others.length === 0 ? steps : others;
  if (what === 'up') return others.toSpliced(Math.max(0, at - 1), 0, step);
  if (what === 'down') return others.toSpliced(at + 1, 0, step);
  return steps;
}
