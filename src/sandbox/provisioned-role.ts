import { createHash } from 'node:crypto';

/** The IAM role that Identity Center keeps for a permission set in an account. */
export interface ProvisionedRole {
  /** `AWSReservedSSO_<permission set>_<16 hex digits>`. */
  name: string;
  /** The role's unique ID: `AROA` and 17 more characters. */
  id: string;
}

/** The role of one provisioning; each generation (the role went and came again) has another suffix and ID. */
export function provisionedRole(key: string, generation: number, permissionSetName: string): ProvisionedRole {
  const digest = createHash('sha256').update(`${key} ${generation}`).digest('hex');
  return {
    name: `AWSReservedSSO_${permissionSetName}_${digest.slice(0, 16)}`,
    id: `AROA${digest.slice(16, 33).toUpperCase()}`,
  };
}

/** The role's ARN; the path names the Region except in us-east-1. */
export function provisionedRoleArn(role: ProvisionedRole, accountId: string, region: string): string {
  const path = region === 'us-east-1' ? '' : `${region}/`;
  return `arn:aws:iam::${accountId}:role/aws-reserved/sso.amazonaws.com/${path}${role.name}`;
}
