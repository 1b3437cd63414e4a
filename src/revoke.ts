import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { createContext } from './context.ts';
import { type Revoke, revoke } from './emergency/index.ts';
import { parseConfig } from './platform/config.ts';
import { AppError, messageOf } from './platform/errors.ts';
import { createLog } from './platform/log.ts';

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
  // What is told to a person is not mixed with the log, unless that was asked for.
  const log = createLog(env.LOG_LEVEL ? config.logLevel : 'silent');
  await using context = await createContext(config, { log });
  const stopping = new AbortController();
  const onSignal = () => (stopping.signal.aborted ? process.exit(2) : stopping.abort());
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const input: Revoke = {
    ...scope,
    reason: options.reason.trim(),
    alsoStopGiving: options.stopGiving === true,
    confirm: options.yes ? null : (word) => ask(word, stopping.signal),
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

async function ask(word: string, signal: AbortSignal): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(`Type “${word}” to go on: `, { signal });
  } catch (error) {
    if (signal.aborted) return '';
    throw new Error(`the confirmation could not be read: ${messageOf(error)}`);
  } finally {
    prompt.close();
  }
}

function refuse(sentence: string): number {
  console.error(sentence);
  return 1;
}
