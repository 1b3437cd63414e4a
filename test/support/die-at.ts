import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import pg from 'pg';

/**
 * Loaded into a portal's process before everything else (`NODE_OPTIONS=--import=…`): at the moment that `DIE_AT` names,
 * it sends itself a signal that no process can answer. `SIGKILL before CreateAccountAssignment`: the call is never
 * made; `SIGKILL after …`: AWS has accepted it, and the answer is never read; `SIGKILL audit assignment.create-succeeded`:
 * within the transaction that writes this audit event. `SIGSTOP` in the same places stands still until it is told to go on.
 */
const [signal = '', moment = '', what = ''] = (process.env.DIE_AT ?? '').split(' ');
let done = false;

function strike(): void {
  if (done) return;
  done = true;
  process.kill(process.pid, signal as NodeJS.Signals);
}

function targetOf(options: unknown): string {
  const headers = (options as { headers?: Record<string, unknown> } | undefined)?.headers ?? {};
  return (
    String(headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? ''
  );
}

if (moment === 'before' || moment === 'after') {
  const { request } = http;
  const struck = (...args: Parameters<typeof request>) => {
    const ours = targetOf(args[0]) === what || targetOf(args[1]) === what;
    if (ours && moment === 'before') strike();
    const call = request(...args);
    if (ours && moment === 'after') call.prependListener('response', strike);
    return call;
  };
  http.request = struck as typeof request;
  syncBuiltinESMExports();
}

if (moment === 'audit') {
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first, second] = args as [{ text?: string; values?: unknown[] } | string, unknown[] | undefined];
    const text = typeof first === 'string' ? first : (first?.text ?? '');
    const values = typeof first === 'string' ? second : first?.values;
    if (/insert into .*audit_events/is.test(text) && values?.includes(what)) strike();
    return Reflect.apply(query, this, args);
  } as typeof query;
}
