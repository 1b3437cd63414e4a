import { AwsError, invalid } from '../errors.ts';
import type { AwsService, Operation } from '../operation.ts';
import { assignmentOperations } from './assignments.ts';
import { permissionSetOperations } from './permission-sets.ts';

/** SSO Admin; all its operations share one limit. */
export function ssoAdmin(callsPerSecond: number): AwsService {
  return {
    name: 'sso-admin',
    operations: new Map<string, Operation>(Object.entries({ ...permissionSetOperations, ...assignmentOperations })),
    limitOf: () => ({ shared: 'sso-admin', perSecond: callsPerSecond, burst: callsPerSecond }),
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
    invalidInput: (member, problem) =>
      invalid(`1 validation error detected: Value at '${member}' failed to satisfy constraint: ${problem}`),
  };
}
