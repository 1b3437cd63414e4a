import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A portal in a process of its own, as an operator starts it. */
export interface PortalProcess extends AsyncDisposable {
  url: string;
  child: ChildProcess;
  /** What it wrote so far. */
  output(): string;
  /** Resolves with the exit code; null where a signal ended it. */
  exited: Promise<number | null>;
}

/** The variables that a portal gets from the machine; none of ours, so that nothing is configured by accident. */
function bareEnvironment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
}

/** What `npm start` gives to Node. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').slice(1);
}

/** The flags with which `npm start` runs Node. */
export function nodeFlags(): string[] {
  return startArguments().filter((argument) => argument.startsWith('--'));
}

/** Starts the portal as `npm start` does, with just this environment. `PORT` and `BASE_URL` may be left out. */
export async function startPortalProcess(
  environment: Record<string, string>,
  args: string[] = [],
): Promise<PortalProcess> {
  const port = environment.PORT ?? String(await freePort());
  const url = environment.BASE_URL ?? `http://localhost:${port}`;
  let output = '';
  const child = spawn(process.execPath, [...startArguments(), ...args], {
    cwd: ROOT,
    env: { ...bareEnvironment(), BASE_URL: url, HOST: '127.0.0.1', ...environment, PORT: port },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    url,
    child,
    output: () => output,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Waits until the portal may take traffic. Throws with its output where it ends instead, or does not come up. */
export async function untilReady(portal: PortalProcess, limitMs = 30_000): Promise<void> {
  const giveUpAt = Date.now() + limitMs;
  let ended = false;
  void portal.exited.then(() => {
    ended = true;
  });
  for (;;) {
    const response = await fetch(`${portal.url}/readyz`).catch(() => null);
    if (response?.ok) return;
    if (ended || Date.now() > giveUpAt) throw new Error(`the portal did not become ready:\n${portal.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Runs `node src/main.ts` with just this environment until it ends by itself. */
export async function runToEnd(
  args: string[],
  environment: Record<string, string>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['src/main.ts', ...args], {
    cwd: ROOT,
    env: { ...bareEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // What should have ended must not outlive its test.
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}
