import { userInfo } from 'node:os';
import { createContext } from './context.ts';
import { type Revoke, revoke } from './emergency/index.ts';
import { commandLineLogs, refuse, typed } from './platform/command-line.ts';
import { parseConfig } from './platform/config.ts';
import { AppError } from './platform/errors.ts';
import { createQueue } from './platform/queue.ts';

export interface RevokeOptions {
  user?: string;
  account?: string;
  all?: boolean;
  reason: string;
  stopGiving?: boolean;
  yes?: boolean;
  wait: boolean;
}

/**
 * `latchkey revoke`, in a process of its own: it needs the database and AWS, and no portal that is alive. The exit
 * code: 0 once all is gone, 2 where something is left, 1 where nothing was changed. Throws `ConfigError`.
 */
export async function runRevoke(env: Record<string, string | undefined>, options: RevokeOptions): Promise<number> {
  const say = (line: string) => console.log(line);
  const scope = scopeOf(options);
  if (typeof scope === 'string') return refuse(scope);
  if (!options.yes && !process.stdin.isTTY) {
    return refuse('Here nobody can type the confirmation: run it on a terminal, or add --yes. Nothing was changed.');
  }
  const config = parseConfig(env);
  const { log, quiet } = commandLineLogs(env);
  // The queue is not started here: that it takes no job is no news, and the watchdogs find what is due.
  const queue = createQueue(config.databaseUrl, quiet);
  await using context = await createContext(config, { log, queue });
  const stopping = new AbortController();
  const onSignal = () => (stopping.signal.aborted ? process.exit(2) : stopping.abort());
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const input: Revoke = {
    ...scope,
    reason: options.reason.trim(),
    alsoStopGiving: options.stopGiving === true,
    confirm: options.yes ? null : (words) => typed(words, { signal: stopping.signal }),
    osUser: userInfo().username,
  };
  const { converger } = context;
  try {
    return await revoke(context, input, { converger, say, wait: options.wait, signal: stopping.signal });
  } catch (error) {
    if (error instanceof AppError) return refuse(error.message);
    throw error;
  } finally {
    await converger.stop();
  }
}

function scopeOf({ user, account, all }: RevokeOptions): Pick<Revoke, 'kind' | 'id'> | string {
  const given = [user, account, all].filter((each) => each !== undefined);
  if (given.length !== 1) return 'Say whose access ends: one of --user, --account and --all. Nothing was changed.';
  if (user !== undefined) return { kind: 'user', id: user };
  if (account === undefined) return { kind: 'all', id: '' };
  if (!/^\d{12}$/.test(account)) return 'An account ID has 12 digits. Nothing was changed.';
  return { kind: 'account', id: account };
}
