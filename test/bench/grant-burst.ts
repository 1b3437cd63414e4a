import { AWS_BUDGETS } from '../../src/platform/aws-quotas.ts';
import { assignmentsOf, createOpener } from './access-grants.ts';
import { DELAY_SECONDS, setAccessScene, throttled, within } from './access-scene.ts';

const APPROVALS = 100;
const WARM_UP = 10;
/** AWS's limit on outstanding creates (IAM Identity Center User Guide, "Quotas"). */
const OUTSTANDING = 15;
/** A look before, the create, and the look that confirms it. */
const CALLS_EACH = 3;
/** Of the budget that all replicas share. */
const CALLS_PER_SECOND = AWS_BUDGETS['sso-admin']?.rate ?? Number.NaN;
/**
 * Either the creates are the bottleneck, fifteen at a time with a delay each; or the calls are, at the budget's calls
 * a second. Lists of statuses count for nothing. Neither does the burst that the budget allows after a pause.
 */
const LIMIT_SECONDS = Math.max(
  Math.ceil(APPROVALS / OUTSTANDING) * DELAY_SECONDS,
  (APPROVALS * CALLS_EACH) / CALLS_PER_SECOND,
);
const GIVE_UP_SECONDS = 120;

/** 100 approvals within a second, each for another person and account; from the first until AWS has confirmed all. */
export async function grantBurst(): Promise<string> {
  await using scene = await setAccessScene();
  await using opener = await createOpener(scene);
  const { calls } = scene.stage.sandbox;
  const active = async () => {
    const { rows } = await scene.pool.query<{ active: number }>(
      `select count(*)::int as active from grants where status = 'active'`,
    );
    return rows[0]?.active ?? 0;
  };
  // Connections, prepared statements and compiled code; and the budget is full again when the first is approved.
  await Promise.all(assignmentsOf(scene, WARM_UP, APPROVALS).map((wish) => opener.open(wish)));
  await within(GIVE_UP_SECONDS, async () => (await active()) === WARM_UP);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  calls.clear();
  const began = performance.now();
  const opened: Promise<string>[] = [];
  for (const [index, wish] of assignmentsOf(scene, APPROVALS).entries()) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + index * 10 - performance.now())));
    opened.push(opener.open(wish));
  }
  await Promise.all(opened);
  const openedMs = performance.now() - began;
  const done = await within(GIVE_UP_SECONDS, async () => (await active()) === WARM_UP + APPROVALS);
  const { rows } = await scene.pool.query<{ seconds: number; p50: number }>(
    `select extract(epoch from max(activated_at) - min(opens_at))::float8 as seconds,
       percentile_cont(0.5) within group (order by extract(epoch from activated_at - opens_at))::float8 as p50 from grants where id = any($1)`,
    [await Promise.all(opened)],
  );
  const seconds = done ? (rows[0]?.seconds ?? Number.NaN) : Number.POSITIVE_INFINITY;
  console.table({
    active: (await active()) - WARM_UP,
    'opened within ms': Math.round(openedMs),
    'half were active after seconds': Math.round((rows[0]?.p50 ?? 0) * 10) / 10,
    creates: calls.count('CreateAccountAssignment'),
    looks: calls.count('ListAccountAssignments'),
    'lists of statuses': calls.count('ListAccountAssignmentCreationStatus'),
    'statuses asked alone': calls.count('DescribeAccountAssignmentCreationStatus'),
    throttled: throttled(scene),
  });
  return `grant-burst seconds=${seconds.toFixed(1)} limit_seconds=${LIMIT_SECONDS.toFixed(1)} ratio=${(LIMIT_SECONDS / seconds).toFixed(2)}`;
}
