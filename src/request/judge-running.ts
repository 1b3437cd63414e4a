import type { Grant } from '../access/index.ts';
import { type Account, accountIndex, permissionSetIndex } from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { evaluate, loadPolicies, type Policies } from '../policy/index.ts';
import { readSettings, type Settings } from '../settings/index.ts';
import { lasting } from './judge.ts';

/** What running access is judged by, apart from the memberships of its holder. */
export interface RunningFacts {
  settings: Settings;
  policies: Policies;
  accounts: ReadonlyMap<string, Account>;
  permissionSets: ReadonlyMap<string, unknown>;
  now: Date;
}

export async function readRunningFacts(tx: Tx): Promise<RunningFacts> {
  // One after the other: a transaction has one connection.
  const { settings } = await readSettings(tx);
  const policies = await loadPolicies(tx);
  const { byId: accounts } = await accountIndex(tx);
  const { byArn: permissionSets } = await permissionSetIndex(tx);
  return { settings, policies, accounts, permissionSets, now: await appNow(tx) };
}

/** Whether policies have a say in it: it was asked for, and both ends of it are there. What vanished ends for that reason. */
export function restsOnPolicies(grant: Grant, { accounts, permissionSets }: RunningFacts): boolean {
  const asked = grant.requestId !== null && (grant.basis === 'approval' || grant.basis === 'self_serve');
  return asked && accounts.has(grant.accountId) && permissionSets.has(grant.permissionSetArn);
}

/** Those that are lost whoever belongs to which group, each combination of place and role judged once. */
export function lostToAll(grants: readonly Grant[], facts: RunningFacts): Set<string> {
  const judged = new Map<string, boolean>();
  const lost = new Set<string>();
  for (const grant of grants) {
    const { accountId, permissionSetArn, basis } = grant;
    const key = `${accountId} ${permissionSetArn} ${basis}`;
    const open = judged.get(key) ?? whyLost({ ...grant, userId: '' }, null, facts) === null;
    judged.set(key, open);
    // A policy may name the person.
    if (!open && whyLost(grant, null, facts) !== null) lost.add(grant.id);
  }
  return lost;
}

/** The groups that some policy names for these roles: no other membership can make anybody eligible. */
export function groupsThatMatter(grants: readonly Grant[], { policies }: RunningFacts): string[] {
  const arns = new Set(grants.map(({ permissionSetArn }) => permissionSetArn));
  const principals = [...arns].flatMap((arn) =>
    (policies.byPermissionSet.get(arn) ?? []).flatMap(({ policy }) => policy.principals),
  );
  const groups = principals.filter((each) => each.startsWith('GROUP:')).map((each) => each.slice('GROUP:'.length));
  return [...new Set(groups)];
}

/**
 * Why the holder has lost the right to running access, as one sentence; null where they have not. `groupIds`: null
 * stands for all groups that matter, so that what is lost then is lost whoever belongs to what.
 *
 * It is judged as if for the shortest time and with a ticket: a duration that was shortened or a ticket that is wanted
 * now takes back nothing that was given. A decision that was made stands, whoever decides today; but what nobody ever
 * approved cannot go on where approval is needed now.
 */
export function whyLost(grant: Grant, groupIds: readonly string[] | null, facts: RunningFacts): string | null {
  const account = facts.accounts.get(grant.accountId);
  const what = `${grant.permissionSetName} in ${grant.accountName}`;
  const verdict = evaluate(
    facts.policies,
    { userId: grant.userId, groupIds: [...(groupIds ?? groupsThatMatter([grant], facts))] },
    {
      accountId: grant.accountId,
      ancestorIds: account?.ancestorIds ?? [],
      permissionSetArn: grant.permissionSetArn,
      durationMinutes: 1,
      ticketGiven: true,
    },
    lasting(facts.settings),
    facts.now,
  );
  if (!verdict.allowed && verdict.code !== 'no-approvers') {
    return groupIds === null
      ? `The policies no longer allow ${what}.`
      : `${grant.userDisplayName} is no longer among those whom the policies let have ${what}.`;
  }
  if (grant.basis === 'self_serve' && verdict.approvalNeeded) {
    return `${what} now needs approval, and was given without.`;
  }
  return null;
}
