import { createAws } from '../../src/platform/aws.ts';
import { AWS_BUDGETS, IDENTITY_STORE_BUDGET } from '../../src/platform/aws-quotas.ts';
import { createBudget } from '../../src/platform/budget.ts';
import { type Config, parseConfig } from '../../src/platform/config.ts';
import type { Platform } from '../../src/platform/index.ts';
import { createLog } from '../../src/platform/log.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { createQueue } from '../../src/platform/queue.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import type { TestDatabase } from './db.ts';

/** The configuration of a portal on this database and sandbox. */
export function testConfig(database: TestDatabase, sandbox: Sandbox, more: Record<string, string> = {}): Config {
  return parseConfig({
    BASE_URL: 'http://localhost:3000',
    DATABASE_URL: database.url,
    SESSION_SECRET: 'a-secret-for-tests-of-32-characters',
    ADMIN_GROUPS: 'Latchkey Admins',
    AUDITOR_GROUPS: 'Security Auditors',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    ...sandbox.environment,
    ...more,
  });
}

/** The AWS clients that reach this sandbox and no other, so that one process can have several. */
export function sandboxAws(sandbox: Sandbox) {
  const {
    AWS_REGION = '',
    AWS_ENDPOINT_URL = '',
    AWS_ACCESS_KEY_ID = '',
    AWS_SECRET_ACCESS_KEY = '',
  } = sandbox.environment;
  return createAws(AWS_REGION, {
    endpoint: AWS_ENDPOINT_URL,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
}

/** What features take as their first argument, on this database and sandbox. The queue is not started. */
export function createTestPlatform(
  database: TestDatabase,
  sandbox: Sandbox,
  more: Record<string, string> = {},
): Platform & AsyncDisposable {
  const config = testConfig(database, sandbox, more);
  const log = createLog(config.logLevel);
  const aws = sandboxAws(sandbox);
  const queue = createQueue(config.databaseUrl, log);
  return {
    config,
    log,
    db: database.db,
    queue,
    aws,
    budget: createBudget(database.db, AWS_BUDGETS, IDENTITY_STORE_BUDGET),
    metrics: createMetrics(),
    async [Symbol.asyncDispose]() {
      await queue.stop();
      aws.destroy();
    },
  };
}
