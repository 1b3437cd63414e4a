import pino from 'pino';

export type Log = pino.Logger;

/** JSON lines on standard output; what could identify a session or reveal a secret is never written. */
export function createLog(level: string): Log {
  return pino({
    level,
    redact: { paths: ['req.headers.cookie', 'req.headers.authorization', '*.SAMLResponse'], censor: '[removed]' },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
