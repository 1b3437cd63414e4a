import { createHash } from 'node:crypto';

/** The ID of a user or group, made from a name that is its alone: always the same, in the form of an identity store. */
export function principalIdOf(identityStoreId: string, name: string): string {
  const digest = hexOf(name);
  const parts = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ];
  return `${identityStoreId.replace(/^d-/, '')}-${parts.join('-')}`;
}

/** The ARN of a permission set, made from its name. */
export function permissionSetArnOf(instanceArn: string, name: string): string {
  return `${instanceArn.replace(':instance/', ':permissionSet/')}/ps-${hexOf(name).slice(0, 16)}`;
}

/** The ID of an OU, made from its place in the tree. */
export function organizationalUnitIdOf(rootId: string, path: string): string {
  return `ou-${rootId.replace(/^r-/, '')}-${hexOf(path).slice(0, 8)}`;
}

function hexOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
