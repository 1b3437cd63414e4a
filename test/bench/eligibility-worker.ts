import { readFile } from 'node:fs/promises';
import { createDb } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { type Ask, evaluate, loadPolicies, type PolicyLimits, type Subject } from '../../src/policy/index.ts';
import { accountsOf, readOffered, rolesOf } from '../../src/request/offered.ts';

/** What the benchmark's own process sends to the one that judges as a portal would. */
export interface Task {
  databaseUrl: string;
  subject: Subject;
  asks: Ask[];
  searches: string[];
  limits: PolicyLimits;
  changes: number;
}

/** All times in milliseconds. */
export interface Measured {
  verdicts: number[];
  /** The first verdicts on policies of which one had just changed. */
  verdictsAfterChange: number[];
  /** Noticing a change and taking it in. */
  reloads: number[];
  lists: number[];
  listsAfterChange: number[];
  /** For each ask whether some policy makes the person eligible for it. */
  eligible: boolean[];
  offered: number;
  rssMb: number;
}

process.once('message', (task: Task) => {
  measure(task).then(
    (measured) => process.send?.(measured, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function measure({ databaseUrl, subject, asks, searches, limits, changes }: Task): Promise<Measured> {
  const db = createDb(databaseUrl, createLog('silent'), 2);
  const tx = db.prisma;
  const now = new Date();
  const measured: Measured = {
    verdicts: [],
    verdictsAfterChange: [],
    reloads: [],
    lists: [],
    listsAfterChange: [],
    eligible: [],
    offered: 0,
    rssMb: 0,
  };
  const timed = async <Result>(into: number[], act: () => Result | Promise<Result>): Promise<Result> => {
    const began = performance.now();
    const result = await act();
    into.push(performance.now() - began);
    return result;
  };
  const change = (round: number) =>
    db.pool.query(
      `update eligibility_policies set max_duration_minutes = 60 + $1::int, version = version + 1
       where id = (select id from eligibility_policies order by id offset $1 limit 1)`,
      [round],
    );
  const list = async (q: string) => {
    const offered = await readOffered(tx, subject);
    const { items, total } = accountsOf(offered, { q, limit: 50 });
    const [first] = items;
    if (first) rolesOf(offered, first.id);
    return total;
  };

  const policies = await loadPolicies(tx);
  for (const ask of asks.slice(0, 500)) evaluate(policies, subject, ask, limits, now);
  for (const ask of asks) {
    const began = performance.now();
    const { code } = evaluate(policies, subject, ask, limits, now);
    measured.verdicts.push(performance.now() - began);
    measured.eligible.push(code === '' || code === 'no-approvers');
  }
  for (const q of searches) await list(q);
  for (let round = 0; round < changes; round += 1)
    for (const q of searches) measured.offered = Math.max(measured.offered, await timed(measured.lists, () => list(q)));

  for (let round = 0; round < changes; round += 1) {
    await change(2 * round);
    const changed = await timed(measured.reloads, () => loadPolicies(tx));
    for (const ask of asks.slice(round * 10, round * 10 + 10)) {
      const began = performance.now();
      evaluate(changed, subject, ask, limits, now);
      measured.verdictsAfterChange.push(performance.now() - began);
    }
    await change(2 * round + 1);
    await timed(measured.listsAfterChange, () => list(searches[round % searches.length] ?? ''));
  }
  const status = await readFile('/proc/self/status', 'utf8');
  measured.rssMb = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
  await db.close();
  return measured;
}
