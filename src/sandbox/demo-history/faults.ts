import type { Sandbox } from '../index.ts';
import type { SandboxAssignment } from '../organization.ts';
import { account, person, role } from './company.ts';
import { STUCK } from './stories-today.ts';

/** The access that AWS never finishes to give. */
export function stuckAssignment(): SandboxAssignment {
  return {
    accountId: account(STUCK.account).id,
    permissionSetArn: role(STUCK.role).arn,
    principalType: 'USER',
    principalId: person(STUCK.who).id,
  };
}

/**
 * What goes wrong in the demo, set anew at each start: one access stays on its way. The overdue revoke needs no
 * fault: its permission set stands in the management account, and so AWS refuses to take it away.
 */
export function demoFaults(sandbox: Sandbox): void {
  sandbox.faults.stuck = { kind: 'create', ...stuckAssignment() };
}
