import { syncDirectory } from '../../src/directory/index.ts';
import { workAsked, workRolling } from '../../src/drift/index.ts';
import { createAws } from '../../src/platform/aws.ts';
import { createBudget } from '../../src/platform/budget.ts';
import { accessKeyOf } from '../../src/sandbox/aws/caller.ts';
import type { SandboxOptions } from '../../src/sandbox/index.ts';
import { createRig, type Rig } from '../access/rig.ts';

export interface DriftRig extends Rig {
  /** Everything that the schedule would compare now. */
  pass(): Promise<void>;
  /** The comparisons that were asked for. */
  asked(): Promise<void>;
  /** What stands, by kind and person. */
  findings(
    state?: string,
  ): Promise<{ kind: string; principalId: string; accountId: string; permissionSetArn: string }[]>;
}

/** Time passes in the test as it likes. */
export const AT_ONCE = { pauseMs: 0, retryMs: 1 };
const STAYS = new AbortController().signal;

/** The rig of access with the directory copied, and comparisons that run when the test says so. */
export async function createDriftRig({
  inManagementAccount = false,
  ...options
}: Partial<SandboxOptions> & { inManagementAccount?: boolean } = {}): Promise<DriftRig> {
  const rig = await createRig(options);
  const { environment, organization } = rig.sandbox;
  const aws = inManagementAccount
    ? createAws(environment.AWS_REGION!, {
        endpoint: environment.AWS_ENDPOINT_URL!,
        credentials: { accessKeyId: accessKeyOf(organization.managementAccountId), secretAccessKey: 'any' },
      })
    : rig.platform.aws;
  const { db } = rig.platform;
  // Only the share of AWS's quota is left out: time passes in the test as it likes.
  const platform = { ...rig.platform, aws, budget: createBudget(db, {}, { rate: 100_000, burst: 100_000 }) };
  await syncDirectory(platform, { groups: async () => [] });
  return {
    ...rig,
    platform,
    pass: async () => void (await workRolling(platform, STAYS, AT_ONCE)),
    asked: async () => void (await workAsked(platform, STAYS, AT_ONCE)),
    findings: (state = 'open') =>
      db.prisma.driftFinding.findMany({
        where: { state },
        orderBy: [{ accountId: 'asc' }, { permissionSetArn: 'asc' }, { principalId: 'asc' }],
        select: { kind: true, principalId: true, accountId: true, permissionSetArn: true },
      }),
  };
}
