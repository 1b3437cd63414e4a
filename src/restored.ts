import { commandLineActor, declareRestored, RESTORE_PAGE, runningReplicas } from './emergency/index.ts';
import { commandLineLogs, refuse, typed } from './platform/command-line.ts';
import { parseConfig } from './platform/config.ts';
import { createDb } from './platform/db.ts';
import { migrate } from './platform/migrate.ts';

/** What has to be typed to declare a restored backup. */
const WORD = 'RESTORED';

/**
 * `latchkey restored`: declares that the database was restored from a backup. It needs the database and nothing else.
 * The exit code: 0 once it is declared, 1 where nothing was changed. Throws `ConfigError`.
 */
export async function runRestored(
  env: Record<string, string | undefined>,
  { yes }: { yes?: boolean },
): Promise<number> {
  const config = parseConfig(env);
  if (!yes && !process.stdin.isTTY) {
    return refuse('Here nobody can type the confirmation: run it on a terminal, or add --yes. Nothing was changed.');
  }
  const { log } = commandLineLogs(env);
  // The backup may be older than this version.
  await migrate(config.databaseUrl, log);
  await using db = createDb(config.databaseUrl, log, 2);
  const running = await runningReplicas({ db });
  if (running.length > 0) {
    console.log(
      `These processes run on this database: ${running.map(({ host, role }) => `${host} (${role})`).join(', ')}.`,
    );
    console.log('They go on and go by this declaration. Make sure that none runs on another copy of the database.');
  }
  console.log('Everybody will be signed out. No new access is given until an administrator has looked at what is');
  console.log('uncertain. What is due to end is taken back meanwhile.');
  if (!yes && (await typed(`${WORD} in capital letters`)).trim() !== WORD) return refuse('Nothing was changed.');
  const { sessions } = await declareRestored({ config, db }, commandLineActor());
  console.log(`It is declared; ${sessions === 1 ? '1 session was' : `${sessions} sessions were`} ended.`);
  console.log(
    `Next: start Latchkey, sign in as an administrator, and look at ${new URL(RESTORE_PAGE, config.baseUrl).href}`,
  );
  return 0;
}
