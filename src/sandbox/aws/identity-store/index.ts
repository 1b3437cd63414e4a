import { AwsError, invalid } from '../errors.ts';
import type { AwsService, Operation } from '../operation.ts';
import { membershipOperations } from './memberships.ts';
import { peopleOperations } from './people.ts';

/** Identity Store; each operation has its own 20 calls a second. */
export function identityStore(): AwsService {
  return {
    name: 'identity-store',
    operations: new Map<string, Operation>(Object.entries({ ...peopleOperations, ...membershipOperations })),
    limitOf: (operation) => ({ shared: operation, perSecond: 20, burst: 20 }),
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded', 400, { RetryAfterSeconds: 1 }),
    invalidInput: (member, problem) =>
      invalid(`1 validation error detected: Value at '${member}' failed to satisfy constraint: ${problem}`),
  };
}
