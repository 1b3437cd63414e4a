import { enableCompileCache } from 'node:module';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from './platform/config.ts';
import { messageOf } from './platform/errors.ts';
import type { RevokeOptions } from './revoke.ts';

// What was compiled at one start need not be at the next. Where nothing may be written, this does nothing.
enableCompileCache();

const program = new Command('latchkey').description(
  'Lends people elevated access to AWS accounts through IAM Identity Center, and takes it back on time.',
);

program
  .command('serve', { isDefault: true })
  .description('the production process: migrates the database, then serves pages and works jobs')
  .addOption(new Option('--role <role>', 'what this process does').choices(['all', 'web', 'worker']).default('all'))
  .action(async ({ role }: { role: 'all' | 'web' | 'worker' }) => {
    const { start, untilStopped } = await import('./serve.ts');
    const running = await start(process.env, role);
    untilStopped(() => running.stop());
  });

program
  .command('migrate')
  .description('brings the database to the newest migration and ends')
  .action(async () => {
    const { parseConfig } = await import('./platform/config.ts');
    const { migrate } = await import('./platform/migrate.ts');
    const { createLog } = await import('./platform/log.ts');
    const config = parseConfig(process.env);
    await migrate(config.databaseUrl, createLog(config.logLevel));
  });

program
  .command('restored')
  .description('declares that the database was restored from a backup: nothing new is given until an admin has looked')
  .option('--yes', 'do not ask to type a confirmation')
  .action(async (options: { yes?: boolean }) => {
    const { runRestored } = await import('./restored.ts');
    process.exit(await runRestored(process.env, options));
  });

program
  .command('demo')
  .description('the portal on an embedded Postgres against the sandbox, with a company to try it on')
  .addOption(new Option('--port <port>').env('PORT').argParser(portNumber).default(3000))
  .addOption(new Option('--data-dir <folder>').env('DATA_DIR').default('.data/demo'))
  .action(async ({ port, dataDir }: { port: number; dataDir: string }) => {
    const { startDemo } = await import('./sandbox/demo.ts');
    const { start, untilStopped } = await import('./serve.ts');
    const demo = await startDemo({ port, dataDir, env: process.env });
    // The AWS SDK reads its own variables from the process.
    Object.assign(process.env, demo.environment);
    try {
      const running = await start(process.env);
      untilStopped(async () => {
        await running.stop();
        await demo.stop();
      });
    } catch (error) {
      await demo.stop();
      throw error;
    }
    console.log(demo.greeting);
  });

program
  .command('sandbox')
  .description('the local stand-in for AWS, Identity Center and a mail server, on its own')
  .addOption(new Option('--host <address>').default('127.0.0.1'))
  .addOption(new Option('--port <port>').argParser(portNumber).default(4000))
  .addOption(new Option('--smtp-port <port>').argParser(portNumber).default(2525))
  .addOption(new Option('--public-url <url>', 'where browsers reach it'))
  .addOption(new Option('--state-file <file>', 'where its state survives a restart'))
  .action(async (options: { host: string; port: number; smtpPort: number; publicUrl?: string; stateFile?: string }) => {
    const { startDemoSandbox } = await import('./sandbox/demo.ts');
    const { untilStopped } = await import('./serve.ts');
    const sandbox = await startDemoSandbox({ ...options, env: process.env });
    untilStopped(() => sandbox.close());
    console.log(`The sandbox is ready: ${options.publicUrl ?? sandbox.url}`);
  });

program
  .command('revoke')
  .description(
    'ends all access of a person, in an account, or everywhere, also while no process of the portal is alive',
  )
  .option('--user <user>', 'everything of this person: the user ID or the user name')
  .option('--account <id>', 'everything in this account')
  .option('--all', 'everything of everybody')
  .requiredOption('--reason <text>', 'why, for those whose access ends and for the record')
  .option('--stop-giving', 'also give no new access until an administrator allows it again')
  .option('--yes', 'do not ask to type a confirmation')
  .option('--no-wait', 'do not wait until AWS has confirmed that all is gone')
  .action(async (options: RevokeOptions) => {
    const { runRevoke } = await import('./revoke.ts');
    process.exit(await runRevoke(process.env, options));
  });

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number up to 65535.');
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof ConfigError) {
    console.error('Latchkey cannot start with this configuration:');
    for (const mistake of error.mistakes) console.error(`  - ${mistake}`);
  } else {
    console.error(`Latchkey cannot go on: ${messageOf(error)}`);
  }
  process.exit(1);
}
