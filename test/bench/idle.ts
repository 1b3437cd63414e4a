import { readFile } from 'node:fs/promises';
import { assignmentsOf, writeFuture } from './access-grants.ts';
import { setAccessScene } from './access-scene.ts';

const GRANTS = 10_000;
const SETTLE_MS = 45_000;
const MEASURE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Linux counts a process's time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** What two replicas use while nothing happens, with 10,000 grants that open on later days. */
export async function idle(): Promise<string> {
  await using scene = await setAccessScene({ flags: ['-c', 'shared_preload_libraries=pg_stat_statements'] });
  const { pool, portals } = scene;
  await pool.query('create extension pg_stat_statements');
  await writeFuture(
    scene,
    assignmentsOf(scene, GRANTS).map((grant) => ({
      ...grant,
      opensAt: new Date(Date.now() + DAY_MS + Math.random() * 30 * DAY_MS),
    })),
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

  const usedBefore = await Promise.all(portals.map(({ child }) => cpuSeconds(child.pid)));
  await pool.query('select pg_stat_statements_reset()');
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, MEASURE_MS));
  const seconds = (performance.now() - began) / 1_000;
  const { rows } = await pool.query<{ calls: number; query: string }>(
    `select calls::int, regexp_replace(query, '\\s+', ' ', 'g') as query from pg_stat_statements
     join pg_database d on d.oid = dbid
     where d.datname = current_database() and query not like '%pg_stat_statements%' order by calls desc`,
  );
  const usedAfter = await Promise.all(portals.map(({ child }) => cpuSeconds(child.pid)));
  const percents = usedAfter.map((used, replica) => ((used - (usedBefore[replica] ?? 0)) / seconds) * 100);
  const statements = rows.reduce((sum, { calls }) => sum + calls, 0) / seconds;
  console.table(
    rows
      .slice(0, 25)
      .map(({ calls, query }) => ({ per_s: Math.round((calls / seconds) * 100) / 100, query: query.slice(0, 110) })),
  );
  console.table(percents.map((percent) => ({ core_percent: Math.round(percent * 100) / 100 })));
  return `idle core_percent=${Math.max(...percents).toFixed(2)} statements_per_s=${statements.toFixed(1)}`;
}

/** The processor time that a process has used so far, as Linux tells it. */
async function cpuSeconds(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
