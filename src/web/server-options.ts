import { randomBytes } from 'node:crypto';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';

/** How the server behaves before any route is asked: limits, whom to believe about addresses, and its log. */
export function serverOptions(config: Config, log: Log) {
  return {
    loggerInstance: log,
    bodyLimit: 64 * 1024,
    requestTimeout: 20_000,
    trustProxy: config.trustProxy,
    // Short enough to read out to someone, and never taken from the caller.
    genReqId: () => randomBytes(6).toString('hex'),
    requestIdHeader: false as const,
  };
}
