import pino from 'pino';

export type Log = pino.Logger;

/**
 * JSON lines on standard output, or on standard error where that is left to what a person reads; what could identify a
 * session or reveal a secret is never written.
 */
export function createLog(level: string, to: 'stdout' | 'stderr' = 'stdout'): Log {
  const options: pino.LoggerOptions = {
    level,
    redact: { paths: ['req.headers.cookie', 'req.headers.authorization', '*.SAMLResponse'], censor: '[removed]' },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return to === 'stdout' ? pino(options) : pino(options, pino.destination({ dest: 2, sync: true }));
}

/**
 * What a connection that failed is logged as. The error itself holds the whole client, and with it the key that cancels
 * its statements (node-postgres, `Pool`, event "error").
 */
export function connectionFailure(error: Error): { err: string; code?: string } {
  return { err: error.message, ...('code' in error && error.code ? { code: String(error.code) } : {}) };
}
