import { randomBytes } from 'node:crypto';
import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import { isLivePoll } from './live.ts';

/** How the server behaves before any route is asked: limits, whom to believe about addresses, and its log. */
export function serverOptions(config: Config, log: Log) {
  const loggerInstance: FastifyBaseLogger = log;
  return {
    loggerInstance,
    logController: new LogController({ disableRequestLogging: isRoutine }),
    bodyLimit: 64 * 1024,
    requestTimeout: 20_000,
    trustProxy: config.trustProxy,
    // Short enough to read out to someone, and never taken from the caller.
    genReqId: () => randomBytes(6).toString('hex'),
    requestIdHeader: false as const,
    frameworkErrors: refuseAddress,
  };
}

/** An address that is no address reaches no hook, so the headers of all other answers have to be given here. */
function refuseAddress(_error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  reply
    .code(400)
    .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .type('text/plain')
    .send('This address cannot be read. Go back and try again.\n');
}

/** What machines ask again and again would bury what people do. */
function isRoutine(request: FastifyRequest): boolean {
  return /^\/(assets\/|healthz$|readyz$|metrics$)/.test(request.url) || isLivePoll(request);
}
