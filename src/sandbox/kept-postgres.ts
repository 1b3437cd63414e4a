import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EmbeddedServer } from './embedded-postgres.ts';

const KEEPER = fileURLToPath(new URL('./postgres-keeper.ts', import.meta.url));

type Word = { url: string } | { error: string };

/**
 * An embedded Postgres in a process group of its own. Ctrl-C in a terminal reaches the whole group of what runs there:
 * a server in it would stop before those who still have to finish with it.
 */
export async function startKeptPostgres(directory: string): Promise<EmbeddedServer> {
  const keeper = fork(KEEPER, [directory], { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(keeper, 'exit');
  const word = await Promise.race([
    once(keeper, 'message').then(([message]) => message as Word),
    exited.then((): Word => ({ error: 'The process of the embedded Postgres ended before it was ready.' })),
  ]);
  if ('error' in word) throw new Error(word.error);
  return {
    url: word.url,
    async stop() {
      if (keeper.connected) keeper.disconnect();
      await exited;
    },
  };
}
