import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { randomFrom } from '../../../src/sandbox/generate/random.ts';
import { generateOrganization } from '../../../src/sandbox/generate-organization.ts';
import { overHttp, signIn, TestClient } from '../../support/client.ts';
import { type Stage, setStage } from '../stage.ts';
import { type Person, type Scene, STORIES } from './acts.ts';
import { furnish } from './furnish.ts';
import { startReplicas } from './replicas.ts';
import { isQuiet, judge } from './verdict.ts';

const MINUTES = Number(process.env.CHAOS_MINUTES ?? 10);
const REQUESTS = Number(process.env.CHAOS_REQUESTS ?? 300);
const KILL_EVERY_MS = 20_000;
const OUTAGE_MS = 60_000;
const QUIET_WITHIN_MS = 600_000;

/**
 * Ten minutes of everything at once: three replicas of which one is killed every 20 seconds, 30 % of all AWS calls
 * throttled, two outages of a minute, and 300 requests of every kind by HTTP. Then AWS recovers, and what it has is
 * compared with what the grants say.
 */
export async function chaos(): Promise<string> {
  const organization = generateOrganization({ seed: 7, accounts: 1_000, permissionSets: 8, users: 40, groups: 8 });
  await using stage = await setStage({ organization, delayMs: 1_000 });
  const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 4 });
  const cast = await furnish(pool, stage.sandbox, organization);
  const standing = stage.sandbox.assignments.list();
  await using replicas = await startReplicas(
    { ...stage, environment: { ...stage.environment, ADMIN_GROUPS: cast.adminGroupId } },
    3,
  );
  const [approver, ...requesters] = await Promise.all(cast.users.map((user) => arrive(stage, user)));
  if (approver === undefined) throw new Error('nobody approves');

  const endsAt = performance.now() + MINUTES * 60_000;
  const over = () => performance.now() >= endsAt;
  const random = randomFrom(11);
  stage.sandbox.faults.throttleShare = 0.3;
  const trouble = Promise.all([
    everySoOften(KILL_EVERY_MS, over, () => replicas.replaceOne()),
    outages(stage, MINUTES * 60_000),
  ]);

  const kinds = Object.entries(STORIES);
  const stories: Promise<number>[] = [];
  const outcomes = new Map<string, { requests: number; failed: number }>();
  for (let made = 0; made < REQUESTS; made += 1) {
    const [kind, tell] = kinds[made % kinds.length] ?? [];
    const requester = requesters[Math.floor(random() * requesters.length)];
    const wish = cast.wishes[Math.floor(random() * cast.wishes.length)];
    if (!kind || !tell || !requester || !wish) throw new Error('there is nothing to ask for');
    const scene: Scene = { requester, approver, ask: { ...wish, durationMinutes: 1 + Math.floor(random() * 2) } };
    const outcome = outcomes.get(kind) ?? { requests: 0, failed: 0 };
    outcomes.set(kind, outcome);
    const story = tell(scene).then(
      (requests) => {
        outcome.requests += requests;
        return requests;
      },
      (error: unknown) => {
        outcome.failed += 1;
        console.error(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
        return 0;
      },
    );
    stories.push(story);
    // The last ones come while there is still trouble ahead.
    await sleep((MINUTES * 60_000 * 0.85) / REQUESTS);
  }
  await trouble;
  Object.assign(stage.sandbox.faults, { throttleShare: 0, outage: false });
  await Promise.all(stories);
  const quiet = await untilQuiet(pool);
  const verdict = await judge(pool, standing, stage.sandbox.assignments.list());
  await pool.end();

  console.table(Object.fromEntries(outcomes));
  console.table({ ...verdict, killed: replicas.killed, quiet });
  if (!quiet || verdict.untold > 0) throw new Error('Something is left to do, or was done and is on no record.');
  return `chaos requests=${verdict.requests} left_behind=${verdict.leftBehind} standing_lost=${verdict.standingLost} overdue_max_s=${Math.round(verdict.overdueMaxSeconds)}`;
}

async function arrive(stage: Stage, { id, userName }: { id: string; userName: string }): Promise<Person> {
  return { userId: id, client: await signIn(new TestClient(overHttp(stage.baseUrl)), userName) };
}

async function everySoOften(everyMs: number, over: () => boolean, act: () => Promise<void>): Promise<void> {
  while (!over()) {
    await sleep(everyMs);
    await act();
  }
}

/** Two, in the second and the fourth fifth of the time. */
async function outages({ sandbox }: Stage, wholeMs: number): Promise<void> {
  const lastsMs = Math.min(OUTAGE_MS, wholeMs / 8);
  for (const _each of ['first', 'second']) {
    await sleep((wholeMs * 2) / 5 - lastsMs);
    sandbox.faults.outage = true;
    await sleep(lastsMs);
    sandbox.faults.outage = false;
  }
}

async function untilQuiet(pool: pg.Pool): Promise<boolean> {
  const giveUpAt = performance.now() + QUIET_WITHIN_MS;
  while (performance.now() < giveUpAt) {
    if (await isQuiet(pool)) {
      // Absence is looked at once more a little later.
      await sleep(15_000);
      if (await isQuiet(pool)) return true;
    }
    await sleep(1_000);
  }
  return false;
}
