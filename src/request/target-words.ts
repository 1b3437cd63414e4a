import type { TargetState } from '../directory/index.ts';

/** Whether people can use an account in this state: one that is being closed still works. */
export function isUsable(state: string | undefined): boolean {
  return state !== undefined && state !== 'SUSPENDED' && state !== 'CLOSED';
}

/** Why nothing can be had there, as one sentence for whoever had or wanted it; null where nothing stands in the way. */
export function whyTargetGone(
  { accountName, permissionSetName }: { accountName: string; permissionSetName: string },
  { account, permissionSet }: { account: TargetState; permissionSet: boolean },
): string | null {
  if (account === 'gone') return `The account ${accountName} is no longer in the organization.`;
  if (!permissionSet) return `AWS does not have the permission set ${permissionSetName} any more.`;
  if (account === 'suspended') return `AWS suspended the account ${accountName}, or it was closed: nobody can use it.`;
  return null;
}
