import { createInterface } from 'node:readline/promises';
import { messageOf } from './errors.ts';
import { createLog, type Log } from './log.ts';

/**
 * The logs of a command that speaks to a person: sentences go to standard output, so the log goes to standard error,
 * and only where one of its details was asked for. A portal's own LOG_LEVEL ('info', say) is often set where it is run.
 */
export function commandLineLogs(env: Record<string, string | undefined>): { log: Log; quiet: Log } {
  const asked = env.LOG_LEVEL === 'debug' || env.LOG_LEVEL === 'trace';
  return { log: createLog(asked ? (env.LOG_LEVEL ?? 'debug') : 'silent', 'stderr'), quiet: createLog('silent') };
}

/** What somebody types who is asked for it; '' where they stop the command instead, or nothing more can come. */
export async function typed(
  words: string,
  {
    signal,
    input = process.stdin,
    output = process.stderr,
  }: { signal?: AbortSignal; input?: NodeJS.ReadableStream; output?: NodeJS.WritableStream } = {},
): Promise<string> {
  const prompt = createInterface({ input, output });
  const closed = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  try {
    const answer = prompt.question(`Type ${words} to go on: `, signal ? { signal } : {});
    return await Promise.race([answer, closed]);
  } catch (error) {
    if (signal?.aborted) return '';
    throw new Error(`the confirmation could not be read: ${messageOf(error)}`);
  } finally {
    prompt.close();
  }
}

/** Tells why nothing was done. The exit code. */
export function refuse(sentence: string): 1 {
  console.error(sentence);
  return 1;
}
