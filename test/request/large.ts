import { systemActor } from '../../src/audit/index.ts';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import { PLAIN, saveApprovalPolicy, saveEligibilityPolicy } from '../support/policies.ts';
import { createTestPortal, type TestPortalOptions } from '../support/portal.ts';

/** More accounts than a list shows, more roles than a list shows, and an account whose name is an attack. */
export const organization = generateOrganization({ seed: 3, accounts: 120, permissionSets: 24, users: 12, groups: 4 });
const active = organization.accounts.filter(({ state }) => state === 'ACTIVE');

/** Who may ask for anything anywhere, and who decides where it takes a decision. */
export const [requester, approver] = organization.users.filter((user) => user.status === 'ENABLED') as [
  (typeof organization.users)[number],
  (typeof organization.users)[number],
];
/** The first half of the roles takes no approval. */
export const roles = organization.permissionSets;
export const freeRoles = roles.slice(0, 12);
export const hostile = '"><img src=x onerror=alert(1)>';
/** Accounts that lie far behind the first fifty. */
export const [wanted, another] = active.slice(-2) as [(typeof active)[number], (typeof active)[number]];
export const suspended = organization.accounts[40]!;
export const attacking = active[60]!;
suspended.state = 'SUSPENDED';
attacking.name = hostile;
organization.accounts[0]!.name = 'the management account';

/** A portal over this organization. */
export async function largePortal(options: TestPortalOptions = {}) {
  const portal = await createTestPortal({ ...options, sandbox: { organization, ...options.sandbox } });
  const { context } = portal;
  const eligibility = {
    ...PLAIN,
    name: 'All roles everywhere',
    principals: [`USER:${requester.id}`],
    targets: [`OU:${organization.root.id}`],
    includeNestedOus: true,
    permissionSets: roles.map(({ arn }) => arn),
    maxDurationMinutes: 480,
    approvalRequired: true,
    ticketRequired: false,
    note: '',
  };
  const free = { permissionSets: freeRoles.map(({ arn }) => arn), maxDurationMinutes: 120, approvalRequired: false };
  await saveEligibilityPolicy(context, eligibility, systemActor('test'));
  await saveEligibilityPolicy(context, { ...eligibility, ...free, name: 'Some for a while' }, systemActor('test'));
  await saveApprovalPolicy(
    context,
    {
      ...PLAIN,
      name: 'One decides',
      targets: [`OU:${organization.root.id}`],
      includeNestedOus: true,
      permissionSets: [],
      requesterGroups: [],
      broaderMayDecide: false,
      steps: [{ approvers: [`USER:${approver.id}`], approvalsNeeded: 1 }],
      note: '',
    },
    systemActor('test'),
  );
  return portal;
}
