import { createApp, createHealthApp } from './app.ts';
import { createContext } from './context.ts';
import { parseConfig } from './platform/config.ts';
import { createLog } from './platform/log.ts';
import { migrate } from './platform/migrate.ts';
import { startWorker } from './worker.ts';

export interface Running {
  stop(): Promise<void>;
}

/** Shutting down takes less than the 30 seconds that ECS and Kubernetes give by default. */
const SHUTDOWN_LIMIT_MS = 24_000;
/** Of that, what is left for answers that are under way. */
const ANSWER_LIMIT_MS = 10_000;

/**
 * Starts one process of the portal: migrates, connects, then serves pages, works jobs, or both. Throws `ConfigError`
 * for an environment that cannot be right.
 */
export async function start(
  env: Record<string, string | undefined>,
  role: 'all' | 'web' | 'worker' = 'all',
): Promise<Running> {
  const config = parseConfig(env);
  const log = createLog(config.logLevel);
  await migrate(config.databaseUrl, log);
  const context = await createContext(config, { log });
  try {
    const worker = await startWorker(context, role !== 'web', role);
    const app = role === 'worker' ? createHealthApp(context) : await createApp(context);
    const url = await app.listen({ host: config.host, port: config.port });
    log.info({ role, url }, 'Latchkey is ready');
    return {
      async stop() {
        context.draining = true;
        // Who is still reading then sees the connection break, instead of an export that ends too soon.
        const cut = setTimeout(() => app.server.closeAllConnections(), ANSWER_LIMIT_MS);
        await Promise.all([app.close(), context.converger.stop()]);
        clearTimeout(cut);
        await worker.stop();
        await context[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await context[Symbol.asyncDispose]();
    throw error;
  }
}

/** Runs until SIGTERM or SIGINT, then stops in order and ends the process. */
export function untilStopped(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = () => {
    if (stopping) return;
    stopping = true;
    // A connection that breaks now must not turn an orderly end into a crash.
    process.on('uncaughtException', (error) => console.error(`While stopping: ${error.message}`));
    // A connection that hangs must not keep the process for ever: what is due is in the rows.
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
