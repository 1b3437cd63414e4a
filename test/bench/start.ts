import { readFile } from 'node:fs/promises';
import { demoOrganization } from '../../src/sandbox/demo-organization.ts';
import { startPortalProcess, untilReady } from '../support/process.ts';
import { percentile, setStage } from './stage.ts';

const ROUNDS = 5;

/** How long a process takes from its start until it may take traffic, on a migrated database, and what memory it then holds. */
export async function startUp(): Promise<string> {
  await using stage = await setStage({ organization: demoOrganization(), delayMs: 0 });
  const rounds: { readyMs: number; rssMb: number }[] = [];
  // The first start binds the database and fills caches of the file system; it is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const began = performance.now();
    await using portal = await startPortalProcess(stage.environment);
    await untilReady(portal);
    const readyMs = performance.now() - began;
    // After the directory's first copy is made, the process is as large as it stays while nothing happens.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const rssMb = await residentMb(portal.child.pid ?? 0);
    if (round > 0) rounds.push({ readyMs, rssMb });
  }
  console.table(rounds.map(({ readyMs, rssMb }) => ({ ready_ms: Math.round(readyMs), rss_mb: Math.round(rssMb) })));
  const readyMs = percentile(
    rounds.map((round) => round.readyMs),
    0.5,
  );
  const rssMb = Math.max(...rounds.map((round) => round.rssMb));
  return `start ready_ms=${Math.round(readyMs)} rss_mb=${Math.round(rssMb)}`;
}

/** The process's resident memory, as Linux tells it. */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
