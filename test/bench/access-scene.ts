import pg from 'pg';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import type { SandboxAccount, SandboxUser } from '../../src/sandbox/organization.ts';
import { type PortalProcess, startPortalProcess, untilReady } from '../support/process.ts';
import { fillDirectory } from './large-organization.ts';
import { type Stage, setStage } from './stage.ts';

/** What benchmarks of giving and taking stand on: AWS at its quotas, a second's delay, and portals that are ready. */
export interface Scene extends AsyncDisposable {
  stage: Stage;
  pool: pg.Pool;
  portals: PortalProcess[];
  users: SandboxUser[];
  /** At least a thousand. */
  accounts: SandboxAccount[];
  permissionSets: { arn: string; name: string }[];
}

/** How long a create or a delete takes at the sandbox, in seconds. */
export const DELAY_SECONDS = 1;
/** AWS's limit on SSO Admin calls (IAM Identity Center User Guide, "Quotas"). */
export const CALLS_PER_SECOND = 20;

/** Everybody may have every role everywhere, so that nothing is in the way but AWS. `flags`: of the database's server. */
export async function setAccessScene({ replicas = 2, flags = [] as string[] } = {}): Promise<Scene> {
  const organization = generateOrganization({ seed: 1, accounts: 1_100, permissionSets: 12, users: 250, groups: 5 });
  const [adminGroup] = organization.groups;
  const stage = await setStage(
    { organization, delayMs: DELAY_SECONDS * 1_000, callsPerSecond: CALLS_PER_SECOND },
    flags,
  );
  const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
  await fillDirectory(pool, organization, new Set(adminGroup ? [adminGroup.id] : []));
  const users = organization.users.filter(({ status }) => status === 'ENABLED');
  await pool.query(
    `insert into eligibility_policies (name, principals, targets, include_nested_ous, permission_sets, max_duration_minutes,
       approval_required, updated_by_id, updated_by_name)
     values ('Benchmark', $1, $2, true, $3, 1440, false, 'benchmark', 'Benchmark')`,
    [
      users.map(({ id }) => `USER:${id}`),
      [`OU:${organization.root.id}`],
      organization.permissionSets.map(({ arn }) => arn),
    ],
  );
  const portals: PortalProcess[] = [];
  for (let replica = 0; replica < replicas; replica += 1) {
    const port = String(await freePort());
    const portal = await startPortalProcess({
      ...stage.environment,
      BASE_URL: `http://localhost:${port}`,
      PORT: port,
      ADMIN_GROUPS: adminGroup?.id ?? '',
    });
    portals.push(portal);
    await untilReady(portal);
  }
  return {
    stage,
    pool,
    portals,
    users,
    accounts: organization.accounts.filter(
      ({ id, state }) => state === 'ACTIVE' && id !== organization.managementAccountId,
    ),
    permissionSets: organization.permissionSets,
    async [Symbol.asyncDispose]() {
      await Promise.all(portals.map((portal) => portal[Symbol.asyncDispose]()));
      await pool.end();
      await stage[Symbol.asyncDispose]();
    },
  };
}

/** Asks again and again until the condition holds; says so where it does not within the seconds. */
export async function within(seconds: number, condition: () => Promise<boolean>): Promise<boolean> {
  const giveUpAt = performance.now() + seconds * 1_000;
  while (performance.now() < giveUpAt) {
    if (await condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

/** How many calls AWS refused because there were too many. */
export function throttled({ stage }: Scene): number {
  return stage.sandbox.calls.list().filter(({ outcome }) => outcome === 'ThrottlingException').length;
}
