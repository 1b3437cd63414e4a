import type { NewGrant } from '../access/index.ts';
import type { AccessRequest } from './types.ts';

/** The grant that an approved request promises, for so many minutes. */
export function grantFor(request: AccessRequest, durationMinutes: number): NewGrant {
  return {
    requestId: request.id,
    basis: request.approvalNeeded ? 'approval' : 'self_serve',
    userId: request.requesterId,
    accountId: request.accountId,
    permissionSetArn: request.permissionSetArn,
    userDisplayName: request.requesterName,
    userName: request.requesterUserName,
    accountName: request.accountName,
    ouPath: request.ouPath,
    permissionSetName: request.permissionSetName,
    sessionSeconds: request.sessionSeconds,
    durationMinutes,
    startsAt: request.startsAt,
  };
}
