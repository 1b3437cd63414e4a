import type { Tx } from '../platform/db.ts';

/**
 * Whether the person has this access without Latchkey, as far as it knows: an assignment stood before a grant of ours,
 * or was found and neither adopted nor removed. It stays when a grant of the same access ends.
 */
export async function standsOutside(
  tx: Tx,
  tuple: { userId: string; accountId: string; permissionSetArn: string },
): Promise<boolean> {
  const { userId, accountId, permissionSetArn } = tuple;
  const [row] = await tx.$queryRaw<{ stands: boolean }[]>`
    select exists (
      select from assignments a
      where a.principal_id = ${userId} and a.target_id = ${accountId} and a.permission_set_arn = ${permissionSetArn}
        and a.principal_type = 'USER' and a.ownership = 'preexisting'
    ) or exists (
      select from drift_findings f
      where f.principal_id = ${userId} and f.account_id = ${accountId} and f.permission_set_arn = ${permissionSetArn}
        and f.kind in ('unknown', 'recreated') and f.state in ('open', 'left')
    ) as stands`;
  return row?.stands ?? false;
}
