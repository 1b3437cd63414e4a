import { randomUUID } from 'node:crypto';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail } from '../../src/policy/index.ts';
import type { TestDatabase } from '../support/db.ts';
import { PLAIN } from '../support/policies.ts';
import { ROLE } from './directory.ts';

export const READ = 'arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-0000000000000002';

const BY = { updatedById: 'test', updatedByName: 'Test' };

/** Replaces all policies by these, straight in the tables. */
export async function insertPolicies(
  { db: { prisma } }: TestDatabase,
  policies: { eligibility?: EligibilityPolicy[]; approval?: ApprovalPolicy[]; guardrails?: Guardrail[] },
): Promise<void> {
  await prisma.eligibilityPolicy.deleteMany();
  await prisma.approvalPolicy.deleteMany();
  await prisma.guardrail.deleteMany();
  await prisma.eligibilityPolicy.createMany({ data: (policies.eligibility ?? []).map((each) => ({ ...each, ...BY })) });
  await prisma.approvalPolicy.createMany({
    data: (policies.approval ?? []).map((each) => ({ ...each, steps: JSON.parse(JSON.stringify(each.steps)), ...BY })),
  });
  await prisma.guardrail.createMany({ data: (policies.guardrails ?? []).map((each) => ({ ...each, ...BY })) });
}

/** Developers may ask for PowerUser in Workloads, for two hours, after approval. */
export function eligibility(given: Partial<EligibilityPolicy> = {}): EligibilityPolicy {
  return {
    id: randomUUID(),
    version: 1,
    name: 'Developers build',
    principals: ['GROUP:devs'],
    targets: ['OU:ou-work'],
    includeNestedOus: false,
    permissionSets: [ROLE],
    maxDurationMinutes: 120,
    approvalRequired: true,
    ticketRequired: false,
    note: '',
    ...PLAIN,
    ...given,
  };
}

/** Platform Leads decide everywhere. */
export function approval(given: Partial<ApprovalPolicy> = {}): ApprovalPolicy {
  return {
    id: randomUUID(),
    version: 1,
    name: 'Leads decide',
    targets: ['OU:r-root'],
    includeNestedOus: true,
    permissionSets: [],
    requesterGroups: [],
    broaderMayDecide: false,
    steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 1 }],
    note: '',
    ...PLAIN,
    ...given,
  };
}

export function guardrail(given: Partial<Guardrail> = {}): Guardrail {
  return {
    id: randomUUID(),
    version: 1,
    name: 'Never alone',
    permissionSets: [ROLE],
    targets: [],
    neverSelfServed: true,
    maxDurationMinutes: null,
    note: '',
    ticket: '',
    ...given,
  };
}
