// A process for the demo's Postgres, that lasts as long as whoever started it: it stops when they hang up, and so
// also when they are killed.
import { messageOf } from '../platform/errors.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

const [directory = ''] = process.argv.slice(2);
try {
  const server = await startEmbeddedPostgres({ directory, persistent: true });
  const stop = () => server.stop().finally(() => process.exit(0));
  process.once('disconnect', stop);
  if (process.connected) process.send?.({ url: server.url });
  else await stop();
} catch (error) {
  if (process.connected) process.send?.({ error: messageOf(error) }, () => process.exit(1));
}
