import { openGrant } from '../../src/access/index.ts';
import { systemActor } from '../../src/audit/index.ts';
import type { TestPortal } from '../support/portal.ts';

/** Promises somebody this permission set in some member account, and gives the grant's ID. It begins tomorrow, so that nobody acts on it. */
export async function giveGrant({ context, sandbox }: TestPortal, permissionSetArn: string): Promise<string> {
  const { db } = context;
  const [user] = sandbox.organization.users;
  const account = sandbox.organization.accounts.find(({ id }) => id !== sandbox.organization.managementAccountId);
  const grant = await db.tx((tx) =>
    openGrant(
      context,
      tx,
      {
        requestId: null,
        basis: 'break_glass',
        userId: user!.id,
        accountId: account!.id,
        permissionSetArn,
        userDisplayName: user!.displayName,
        userName: user!.userName,
        accountName: account!.name,
        ouPath: 'Root',
        permissionSetName: 'Role',
        sessionSeconds: 3_600,
        durationMinutes: 60,
        startsAt: new Date(Date.now() + 86_400_000),
      },
      systemActor('test'),
    ),
  );
  return grant.id;
}
