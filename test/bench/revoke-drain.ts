import { assignmentsOf, createOpener, setAlarms, writeActive } from './access-grants.ts';
import { CALLS_PER_SECOND, setAccessScene, throttled, within } from './access-scene.ts';

const GRANTS = 1_000;
/** Wanted meanwhile. */
const WANTED = 20;
const LIMIT_SECONDS = (GRANTS * 2) / CALLS_PER_SECOND;
const GIVE_UP_SECONDS = 240;

/**
 * 1,000 grants end in the same second, while others want to be given. The least possible time: a delete and the look
 * that confirms it for each, at AWS's calls a second; their statuses are read in bulk, which counts for nothing.
 */
export async function revokeDrain(): Promise<string> {
  await using scene = await setAccessScene();
  const { stage, pool } = scene;
  await using opener = await createOpener(scene);
  const closesAt = new Date(Date.now() + 20_000);
  const grants = assignmentsOf(scene, GRANTS).map((grant) => ({ ...grant, closesAt }));
  await writeActive({ sandbox: scene.stage.sandbox, pool: scene.pool }, grants);
  await setAlarms(scene, 'take');
  if (Date.now() > closesAt.getTime()) throw new Error('writing the grants took too long');
  await new Promise((resolve) => setTimeout(resolve, closesAt.getTime() + 1_000 - Date.now()));
  for (const wanted of assignmentsOf(scene, WANTED, GRANTS)) await opener.open(wanted);

  const open = async () => {
    const { rows } = await pool.query<{ open: number }>(
      `select count(*)::int as open from grants where basis = 'self_serve' and status <> 'ended'`,
    );
    return rows[0]?.open ?? 0;
  };
  const done = await within(GIVE_UP_SECONDS, async () => (await open()) === 0);
  const { rows } = await pool.query<{ seconds: number }>(
    `select extract(epoch from max(ended_at) - max(closes_at))::float8 as seconds from grants where basis = 'self_serve'`,
  );
  const seconds = done ? (rows[0]?.seconds ?? Number.NaN) : Number.POSITIVE_INFINITY;
  const { calls } = stage.sandbox;
  const firstCreate = calls.list('CreateAccountAssignment')[0]?.at ?? Number.POSITIVE_INFINITY;
  const deletes = calls.list('DeleteAccountAssignment');
  const after = (share: number) =>
    Math.round((deletes[Math.ceil(share * deletes.length) - 1]?.date.getTime() ?? 0) - closesAt.getTime()) / 1_000;
  console.table({
    'still there': await open(),
    'deletes asked': deletes.length,
    'half of the deletes after seconds': after(0.5),
    'all deletes after seconds': after(1),
    'lists of statuses': calls.count('ListAccountAssignmentDeletionStatus'),
    'statuses asked alone': calls.count('DescribeAccountAssignmentDeletionStatus'),
    looks: calls.count('ListAccountAssignments'),
    'deletes behind a grant': deletes.filter(({ at }) => at > firstCreate).length,
    throttled: throttled(scene),
  });
  return `revoke-drain seconds=${seconds.toFixed(1)} limit_seconds=${LIMIT_SECONDS} ratio=${(LIMIT_SECONDS / seconds).toFixed(2)}`;
}
