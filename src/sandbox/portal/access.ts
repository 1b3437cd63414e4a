import type { SandboxAccount, SandboxPermissionSet, SandboxUser } from '../organization.ts';
import type { SandboxServices } from '../services.ts';

/** An account that a person can open, with the permission sets they can open it with. */
export interface OpenAccount {
  account: SandboxAccount;
  permissionSets: SandboxPermissionSet[];
}

/** What a person can open right now, through assignments of their own and of their groups; sorted by name. */
export function openAccounts({ organization, assignments }: SandboxServices, user: SandboxUser): OpenAccount[] {
  const groups = [...organization.memberships].filter(([, members]) => members.has(user.id)).map(([id]) => id);
  const sets = new Map<string, Set<string>>();
  for (const { accountId, permissionSetArn } of assignments.ofPrincipals(new Set([user.id, ...groups]))) {
    sets.set(accountId, (sets.get(accountId) ?? new Set()).add(permissionSetArn));
  }
  return organization.accounts
    .filter(({ id }) => sets.has(id))
    .map((account) => ({
      account,
      permissionSets: organization.permissionSets.filter(({ arn }) => sets.get(account.id)?.has(arn)).sort(byName),
    }))
    .filter(({ permissionSets }) => permissionSets.length > 0)
    .sort((a, b) => byName(a.account, b.account));
}

/** The one account and permission set of a deep link, if the person can open them right now. */
export function openRole(services: SandboxServices, user: SandboxUser, accountId: string, roleName: string) {
  const open = openAccounts(services, user).find(({ account }) => account.id === accountId);
  const permissionSet = open?.permissionSets.find(({ name }) => name === roleName);
  return open && permissionSet ? { account: open.account, permissionSet } : undefined;
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name.localeCompare(b.name);
}
