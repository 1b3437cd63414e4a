import { type Converger, createConverger } from './access/index.ts';
import { bindInstance, type Instance, targetState } from './directory/index.ts';
import { createSweeper, type Sweeper } from './emergency/index.ts';
import { createHealthAlarms, type HealthAlarms, registerHealthMetrics } from './health/index.ts';
import { createIdentity, type Identity } from './identity/index.ts';
import { createMailer, type Mailer } from './notify/index.ts';
import { createAws } from './platform/aws.ts';
import { AWS_BUDGETS, IDENTITY_STORE_BUDGET } from './platform/aws-quotas.ts';
import { createBudget } from './platform/budget.ts';
import type { Config } from './platform/config.ts';
import { createDb } from './platform/db.ts';
import type { Platform } from './platform/index.ts';
import { createLog } from './platform/log.ts';
import { countAwsCalls, createMetrics } from './platform/metrics.ts';
import { createQueue } from './platform/queue.ts';
import { announceGrant, verifyRights } from './request/index.ts';
import { mailRules } from './settings/index.ts';

/** One process of the portal: what it consists of, made once. */
export interface Context extends Platform, AsyncDisposable {
  instance: Instance;
  identity: Identity;
  converger: Converger;
  mailer: Mailer;
  /** Tells administrators of what is overdue. */
  alarms: HealthAlarms;
  /** Ends what emergencies are about. */
  sweeper: Sweeper;
  /** Set when the process was asked to stop, so that load balancers look elsewhere. */
  draining: boolean;
}

/** The only place that constructs things. Tests put their own in by `overrides`. */
export async function createContext(config: Config, overrides: Partial<Platform> = {}): Promise<Context> {
  const log = overrides.log ?? createLog(config.logLevel);
  const db = overrides.db ?? createDb(config.databaseUrl, log);
  const aws = overrides.aws ?? createAws(config.awsRegion);
  const platform: Platform = {
    config,
    log,
    db,
    aws,
    queue: overrides.queue ?? createQueue(config.databaseUrl, log),
    budget: overrides.budget ?? createBudget(db, AWS_BUDGETS, IDENTITY_STORE_BUDGET),
    metrics: overrides.metrics ?? createMetrics(),
  };
  countAwsCalls(platform.metrics, aws);
  registerHealthMetrics(platform);
  const close = async () => {
    await platform.queue.stop();
    aws.destroy();
    await db.close();
  };
  try {
    const instance = await bindInstance(platform);
    return {
      ...platform,
      instance,
      identity: createIdentity(platform),
      converger: createConverger(platform, {
        checkRights: (grant) => verifyRights(platform, grant),
        targetState: (accountId, signal) => targetState(platform, accountId, { signal }),
        announce: (tx, grant, change) => announceGrant(tx, grant, change),
      }),
      mailer: createMailer(platform, (userId) => mailRules(db.prisma, userId)),
      sweeper: createSweeper(platform),
      alarms: createHealthAlarms(platform),
      draining: false,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
