import { assignmentsOf, setAlarms, writeActive } from './access-grants.ts';
import { setAccessScene, throttled, within } from './access-scene.ts';
import { percentile } from './stage.ts';

const LIVE = 10_000;
const PER_MINUTE = 100;
const MINUTES = 5;

/**
 * 10,000 live grants, of which a hundred end in each of five minutes, at random. How late DeleteAccountAssignment
 * arrives at AWS, by the grant's end.
 */
export async function revokeLateness(): Promise<string> {
  await using scene = await setAccessScene();
  const { sandbox } = scene.stage;
  const startsAt = Date.now() + 30_000;
  const ending = PER_MINUTE * MINUTES;
  const closesAt = (index: number) => {
    const minute = Math.floor(index / PER_MINUTE);
    // The others end over the day that follows.
    const offset = index < ending ? (minute + Math.random()) * 60_000 : 20 * 60_000 + Math.random() * 86_400_000;
    return new Date(startsAt + offset);
  };
  const grants = assignmentsOf(scene, LIVE).map((grant, index) => ({ ...grant, closesAt: closesAt(index) }));
  await writeActive({ sandbox: scene.stage.sandbox, pool: scene.pool }, grants);
  await setAlarms(scene, 'take');
  if (Date.now() > startsAt) throw new Error('writing the grants took too long');
  const due = new Map(grants.slice(0, ending).map((grant) => [keyOf(grant), grant.closesAt]));
  /** In milliseconds, of each that arrived; noted at once, since the sandbox remembers only so many calls. */
  const lateness = new Map<string, number>();
  const noteArrived = () => {
    for (const { input, date, outcome } of sandbox.calls.list('DeleteAccountAssignment')) {
      const key = keyOf({
        userId: String(input.PrincipalId),
        accountId: String(input.TargetId),
        permissionSetArn: String(input.PermissionSetArn),
      });
      const closed = due.get(key);
      if (closed && outcome !== 'pending' && !lateness.has(key)) lateness.set(key, date.getTime() - closed.getTime());
    }
  };
  await within(30 + MINUTES * 60 + 30, async () => {
    noteArrived();
    return Date.now() > startsAt + MINUTES * 60_000 && lateness.size >= ending;
  });

  const late = [...lateness.values()];
  console.table({
    ending,
    deleted: late.length,
    'early (must be 0)': late.filter((ms) => ms < 0).length,
    throttled: throttled(scene),
  });
  if (late.length < ending) throw new Error(`${ending - late.length} grants that ended were not taken away`);
  const [p50, p99, max] = [percentile(late, 0.5), percentile(late, 0.99), Math.max(...late)];
  return `revoke-lateness p50_ms=${p50} p99_ms=${p99} max_ms=${max}`;
}

function keyOf({
  userId,
  accountId,
  permissionSetArn,
}: {
  userId: string;
  accountId: string;
  permissionSetArn: string;
}) {
  return `${userId} ${accountId} ${permissionSetArn}`;
}
