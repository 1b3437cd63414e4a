import type { Faults } from '../faults.ts';

/** Counts the call down where it is of the operation that is to break off, and tells whether it has. */
export function isBroken({ breakAfter }: Faults, operation: string): boolean {
  if (breakAfter?.operation !== operation) return false;
  if (breakAfter.calls === 0) return true;
  breakAfter.calls -= 1;
  return false;
}

/** The page of a list as the fault has it; what is no page stays as it is. */
export function repeatPage(output: object, input: unknown, { repeatPages }: Faults): object {
  if (repeatPages === null) return output;
  const token = typeof input === 'object' && input !== null && 'NextToken' in input ? input.NextToken : undefined;
  if (repeatPages === 'token') return token === undefined ? output : { ...output, NextToken: token };
  const twice = (value: unknown) => (Array.isArray(value) ? [...value, ...value] : value);
  return Object.fromEntries(Object.entries(output).map(([name, value]) => [name, twice(value)]));
}
