// Runs before demo, test, check and bench, on whatever Node the machine has: installs what is missing and
// generates the database client, so that each of those works as the first command on a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const changedAt = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

// Any existing program will do: with this name set, Prisma does not try to download an engine that the
// client generator does not need.
const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' };

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error || status !== 0) {
    console.error(`Preparing failed at: ${command} ${args.join(' ')}${error ? ` (${error.message})` : ''}`);
    process.exit(1);
  }
}

/** The lock file that npm keeps of what it installed is older than ours, or not there. */
function installIsStale() {
  const installed = at('node_modules', '.package-lock.json');
  if (changedAt(installed) >= changedAt(at('package-lock.json'))) return false;
  if (!existsSync(installed)) return true;
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
      .filter(([path, entry]) => path !== '' && !entry.optional)
      .map(([path, entry]) => `${path}@${entry.version}`);
  const present = new Set(versions(installed));
  return versions(at('package-lock.json')).some((entry) => !present.has(entry));
}

if (installIsStale()) {
  console.log('Installing what package-lock.json names …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

const generated = at('src', 'platform', 'generated', 'client.ts');
if (process.argv.includes('--generate') || changedAt(generated) < changedAt(at('prisma', 'schema.prisma'))) {
  const cli = createRequire(at('package.json')).resolve('prisma/build/index.js');
  run(at('node_modules', '.bin', 'node'), [cli, 'generate', '--config', 'prisma/prisma.config.ts', '--no-hints']);
}
