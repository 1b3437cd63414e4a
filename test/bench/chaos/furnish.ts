import type pg from 'pg';
import type { Sandbox } from '../../../src/sandbox/index.ts';
import type { Organization } from '../../../src/sandbox/organization.ts';
import { fillDirectory } from '../large-organization.ts';

/** Who takes part, and what they ask for. */
export interface Cast {
  /** The approver first. */
  users: { id: string; userName: string }[];
  wishes: { accountId: string; permissionSetArn: string }[];
  adminGroupId: string;
}

const PEOPLE = 21;
const WISHES = 120;
const STANDING = 200;

/**
 * Policies by which everybody may ask for every role everywhere (two roles without approval), a directory that is
 * copied already, and assignments that stood before, some of which are asked for too.
 */
export async function furnish(pool: pg.Pool, sandbox: Sandbox, organization: Organization): Promise<Cast> {
  const users = organization.users.filter(({ status }) => status === 'ENABLED').slice(0, PEOPLE);
  const [approver] = users;
  const [adminGroup] = organization.groups;
  if (!approver || !adminGroup) throw new Error('the organization is too small');
  await fillDirectory(pool, organization, new Set([adminGroup.id]));
  const accounts = organization.accounts.filter(
    ({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId,
  );
  const sets = organization.permissionSets.map(({ arn }) => arn);
  const wishes = accounts.slice(0, WISHES).map(({ id }, index) => ({
    accountId: id,
    permissionSetArn: sets[index % sets.length] ?? '',
  }));
  for (let index = 0; index < STANDING; index += 1) {
    const user = users[index % users.length];
    const place =
      index < 20 ? wishes[index] : { accountId: accounts.at(-index)?.id ?? '', permissionSetArn: sets[0] ?? '' };
    if (user && place) sandbox.assignments.add({ ...place, principalType: 'USER', principalId: user.id });
  }
  const by = [approver.id, 'Benchmark'];
  const principals = users.slice(1).map(({ id }) => `USER:${id}`);
  const root = [`OU:${organization.root.id}`];
  for (const [name, roles, approvalRequired] of [
    ['Asked for', sets.slice(2), true],
    ['Taken', sets.slice(0, 2), false],
  ] as const) {
    await pool.query(
      `insert into eligibility_policies (name, principals, targets, include_nested_ous, permission_sets, max_duration_minutes,
         approval_required, updated_by_id, updated_by_name)
       values ($1, $2, $3, true, $4, 60, $5, $6, $7)`,
      [name, principals, root, roles, approvalRequired, ...by],
    );
  }
  await pool.query(
    `insert into approval_policies (name, targets, include_nested_ous, steps, updated_by_id, updated_by_name)
     values ('Decides', $1, true, $2, $3, $4)`,
    [root, JSON.stringify([{ approvers: [`USER:${approver.id}`], approvalsNeeded: 1 }]), ...by],
  );
  return { users, wishes, adminGroupId: adminGroup.id };
}
