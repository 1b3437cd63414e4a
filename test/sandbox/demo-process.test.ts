import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'));
  // For root, Postgres runs as another user.
  await chmod(folder, 0o755);
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await expect.poll(serverRuns, { timeout: 20_000 }).toBe(false);
  await rm(folder, { recursive: true, force: true });
});

const serverRuns = () => existsSync(join(folder, 'data', 'postgres', 'postmaster.pid'));

/** The demo as a terminal runs it: in a process group of its own. */
async function startDemo() {
  const started = spawn(process.execPath, ['src/main.ts', 'demo'], {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, PORT: String(await freePort()), DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let output = '';
  for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = new Promise<number | null>((resolve) => started.once('exit', resolve));
  await expect.poll(() => output, { timeout: 60_000 }).toContain('Latchkey is ready');
  return { pid: started.pid!, output: () => output, exited };
}

test('Ctrl-C, which reaches the whole group, stops the demo in order and leaves nothing running', async () => {
  const demo = await startDemo();
  expect(serverRuns()).toBe(true);
  process.kill(-demo.pid, 'SIGINT');
  expect(await demo.exited).toBe(0);
  expect(demo.output()).not.toContain('Unhandled');
  expect(serverRuns()).toBe(false);
}, 120_000);

test('a demo that is killed takes its Postgres with it', async () => {
  const demo = await startDemo();
  process.kill(demo.pid, 'SIGKILL');
  await demo.exited;
  await expect.poll(serverRuns, { timeout: 20_000 }).toBe(false);
}, 120_000);
