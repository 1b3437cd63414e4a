import { z } from 'zod';
import { assignmentSchema } from './assignments.ts';
import { type Faults, hits } from './faults.ts';

const share = z.number().min(0).max(1);
const milliseconds = z.number().min(0);
const someWrites = assignmentSchema
  .extend({ kind: z.enum(['create', 'delete']) })
  .partial()
  .strict();
const match = z.union([z.boolean(), someWrites]);

/** Faults as JSON can say them: where the object takes a function, the fields that a write must have. */
export const faultsInput = z
  .object({
    reset: z.boolean(),
    throttleShare: share,
    conflictShare: share,
    serverErrorShare: share,
    outage: z.boolean(),
    outageOf: z.enum(['sso-admin', 'identity-store', 'organizations', 'cloudtrail', 'sts']).nullable(),
    breakAfter: z.object({ operation: z.string(), calls: z.int().min(0) }).nullable(),
    repeatPages: z.enum(['items', 'token']).nullable(),
    omitPaths: z.boolean(),
    failNext: z.array(z.string()),
    failWhen: z.object({ match: someWrites, reason: z.string() }).nullable(),
    stuck: match,
    forbidden: match,
    forbiddenOperations: z.array(z.string()),
    quotaExceeded: match,
    loseAnswer: match,
    loseStatus: z.boolean(),
    absentDeleteFails: z.boolean(),
    slowMs: milliseconds,
    listLagMs: milliseconds,
    eventDelayMs: milliseconds,
    clockOffsetMs: z.number(),
  })
  .partial()
  // A misspelt fault would be a fault that silently does not happen.
  .strict();

/** Changes the faults that the input names. */
export function applyFaults(faults: Faults, { reset: _reset, failWhen, ...rest }: z.output<typeof faultsInput>): void {
  Object.assign(faults, rest);
  if (failWhen === null) faults.failWhen = null;
  else if (failWhen) faults.failWhen = (write) => (hits(failWhen.match, write) ? failWhen.reason : undefined);
}

/** The faults as JSON; a function shows as the word `function`. */
export function shownFaults(faults: Faults): Record<string, unknown> {
  const shown = (value: unknown) => (typeof value === 'function' ? 'function' : value);
  return Object.fromEntries(Object.entries(faults).map(([name, value]) => [name, shown(value)]));
}
