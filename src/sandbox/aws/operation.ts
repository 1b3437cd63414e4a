import type { z } from 'zod';
import type { ServiceName } from '../faults.ts';
import type { SandboxServices } from '../services.ts';
import type { Caller } from './caller.ts';
import type { AwsError } from './errors.ts';
import type { Rate } from './rate-limits.ts';
import type { AssignmentWrites } from './sso-admin/assignment-writes.ts';

/** What an operation works with. */
export interface AwsContext {
  services: SandboxServices;
  writes: AssignmentWrites;
  /** How many creates may be under way at once. */
  outstandingCreates: number;
  /** The member account that administers Identity Center, and in which the portal runs. */
  delegatedAdministratorAccountId: string;
  /** Names of the IAM roles, one in each account, that the portal may assume. */
  assumableRoles: string[];
}

/** One call's context. */
export interface CallContext extends AwsContext {
  caller: Caller;
}

/** One operation of an AWS API: how its input is checked and what it answers. */
export interface Operation {
  input: z.ZodType;
  run(input: unknown, context: CallContext): object;
}

/** One AWS API. */
export interface AwsService {
  name: ServiceName;
  operations: ReadonlyMap<string, Operation>;
  /** The published limit that a call counts against, and what it shares that limit with. */
  limitOf(operation: string, context: CallContext): Limit | undefined;
  throttled(): AwsError;
  /** The error for input that does not fit; `member` is the path of the member that is wrong. */
  invalidInput(member: string, problem: string): AwsError;
}

/** A rate, and the name of what shares it. */
interface Limit extends Rate {
  shared: string;
}

/** Ties an input schema to the function that takes what the schema gives. */
export function operation<Schema extends z.ZodType>(
  input: Schema,
  run: (input: z.output<Schema>, context: CallContext) => object,
): Operation {
  return { input, run: (parsed, context) => run(parsed as z.output<Schema>, context) };
}
