import { expect, test } from 'vitest';
import { createRig, type Rig } from './rig.ts';

/** Both processes at once, again and again, as two replicas do. */
async function both(rig: Rig, condition: () => Promise<boolean>): Promise<void> {
  const other = rig.process();
  await Promise.all([rig.until(condition), rig.until(condition, other)]);
}

test.each([0, 1, 20, 59])(
  'L03 revoke vs grant: revoked %s seconds into a create that is still in progress, it is gone in the end',
  async (seconds) => {
    const rig = await createRig();
    rig.sandbox.faults.stuck = { kind: 'create' };
    const grant = await rig.open();
    // Whoever looks after a create stays with it; this one is sent away once AWS is at it.
    const leaving = new AbortController();
    const asking = rig.converger.converge(grant.assignmentId, leaving.signal);
    await rig.sandbox.calls.waitFor('CreateAccountAssignment');
    leaving.abort();
    await asking;
    await rig.database.advance({ seconds });
    await rig.end(grant);
    // While AWS is still at it, nobody says that it is gone.
    await rig.converger.converge(grant.assignmentId, AbortSignal.timeout(500));
    expect((await rig.grant(grant)).status).toBe('ending');

    rig.sandbox.faults.stuck = false;
    await both(rig, async () => {
      await rig.database.advance({ seconds: 2 });
      return (await rig.grant(grant)).status === 'revoked';
    });
    expect(rig.present()).toBe(false);
    expect(rig.told.map(({ change }) => change)).not.toContain('active');
    // Nothing comes later either.
    for (const minutes of [1, 10, 55]) {
      await rig.database.advance({ minutes });
      await rig.converger.converge(grant.assignmentId);
      expect(rig.present()).toBe(false);
    }
  },
);

test.each([-1, 0, 1])(
  'L04 expiry vs new grant: the next one starts %s seconds from the old end, with conflicts, and access goes on',
  async (offset) => {
    const rig = await createRig({ delayMs: 200 });
    const first = await rig.reaches(await rig.open({ durationMinutes: 30 }), 'active');
    const startsAt = new Date(first.closesAt!.getTime() + offset * 1_000);
    const second = await rig.open({ startsAt, durationMinutes: 30 });
    const { rows } = await rig.platform.db.pool.query<{ seconds: number }>(
      'select extract(epoch from $1::timestamptz - app_now())::float8 as seconds',
      [first.closesAt],
    );
    // Two seconds before the end; from here on the time passes as it does.
    await rig.database.advance({ seconds: (rows[0]?.seconds ?? 0) - 2 });
    rig.sandbox.faults.conflictShare = 0.5;
    await both(
      rig,
      async () => (await rig.grant(second)).status === 'active' && (await rig.grant(first)).status === 'ended',
    );
    rig.sandbox.faults.conflictShare = 0;
    expect(rig.present()).toBe(true);

    const changes = rig.sandbox.assignments.history.list();
    // Once at the beginning; where it went in between, it came back within a minute.
    const gaps = changes
      .filter(({ change }) => change === 'removed')
      .map(({ at }) => {
        const back = changes.find((next) => next.change === 'added' && next.at >= at);
        return (back?.at ?? Number.POSITIVE_INFINITY) - at;
      });
    for (const gap of gaps) expect(gap).toBeLessThan(60_000);

    // It stays until the new end, and not longer.
    await rig.database.advance({ minutes: 28 });
    await rig.converger.converge(second.assignmentId);
    expect(rig.present()).toBe(true);
    await rig.database.advance({ minutes: 20 });
    await both(rig, async () => {
      await rig.database.advance({ seconds: 2 });
      return (await rig.grant(second)).status === 'ended';
    });
    expect(rig.present()).toBe(false);
  },
);
