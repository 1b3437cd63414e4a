import { expect, onTestFinished, test } from 'vitest';
import { type Grant, startHeartbeat } from '../../src/access/index.ts';
import { createRig, type Rig } from './rig.ts';

/** Everything that AWS was asked to write, in order: 'delete 123456789012'. */
function writes(rig: Rig): string[] {
  return rig.sandbox.calls
    .list()
    .filter(({ operation }) => /^(Create|Delete)AccountAssignment$/.test(operation))
    .map(
      ({ operation, input }) => `${operation.slice(0, 6).toLowerCase()} ${(input as { TargetId: string }).TargetId}`,
    );
}

test('F07 long downtime: six hours over expiries; what is due goes before anything is given, one revoke that hangs holds nothing up, and each says how late it was', async () => {
  const rig = await createRig();
  const { db } = rig.platform;
  const accounts = rig.sandbox.organization.accounts
    .filter(({ id, state }) => state === 'ACTIVE' && id !== rig.sandbox.organization.managementAccountId)
    .slice(0, 5);
  const [hanging, opening] = [accounts[0]!, accounts.at(-1)!];
  const there = (accountId: string) => rig.sandbox.assignments.has({ ...rig.tuple, accountId });
  const before = rig.process();
  const running: Grant[] = [];
  for (const [index, { id, name }] of accounts.slice(0, -1).entries()) {
    const grant = await rig.open({ accountId: id, accountName: name, durationMinutes: 60 + 30 * index });
    await before.converge(grant.assignmentId);
    running.push(grant);
  }
  await expect.poll(async () => (await statuses(rig, running)).join()).toBe('active,active,active,active');
  const startsAt = new Date(Date.now() + 3 * 3_600_000);
  const promised = await rig.open({ accountId: opening.id, startsAt, durationMinutes: 600 });
  await before.stop();
  const asked = writes(rig).length;

  await rig.database.advance({ hours: 6, alone: true });
  rig.sandbox.faults.stuck = { kind: 'delete', accountId: hanging.id };
  const after = rig.process();
  const heartbeat = await startHeartbeat(rig.platform, { role: 'all', onSilence: async () => {} });
  onTestFinished(() => heartbeat.stop());
  // AWS's quota is used up for the moment: who goes first is decided by the budget, and not by who came first.
  await db.pool.query(
    `update api_budgets set tokens = -40, refilled_at = clock_timestamp() where family = 'sso-admin'`,
  );
  after.startWatchdog();
  const [, ...others] = accounts.slice(0, -1).map(({ id }) => id);
  await expect.poll(() => others.filter(there), { timeout: 30_000 }).toEqual([]);
  await expect.poll(() => there(opening.id), { timeout: 30_000 }).toBe(true);
  expect(there(hanging.id)).toBe(true);
  const since = writes(rig).slice(asked);
  expect(since.filter((each) => each === `create ${opening.id}`)).toHaveLength(1);
  for (const id of [hanging.id, ...others]) {
    expect(since.indexOf(`delete ${id}`), `before the create: ${id}`).toBeLessThan(
      since.indexOf(`create ${opening.id}`),
    );
    expect(since.indexOf(`delete ${id}`)).toBeGreaterThanOrEqual(0);
  }

  // AWS finishes at last.
  rig.sandbox.faults.stuck = false;
  await expect
    .poll(
      async () => {
        await rig.database.advance({ seconds: 30 });
        return (await statuses(rig, [...running, promised])).join();
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe('ended,ended,ended,ended,active');
  expect(rig.sandbox.calls.count('CreateAccountAssignment')).toBe(accounts.length);
  for (const [index, { id }] of running.entries()) {
    const event = await db.prisma.auditEvent.findFirstOrThrow({ where: { kind: 'grant.ended', subjectId: id } });
    const { lateSeconds, closesAt, endDueAt } = event.after as Record<string, string | number>;
    expect(endDueAt).toBe(closesAt);
    // It was to end after 60, 90, … minutes, and six hours were slept through.
    expect(Number(lateSeconds) / 60).toBeGreaterThan(360 - 60 - 30 * index - 5);
    expect(Number(lateSeconds) / 60).toBeLessThan(360 - 60 - 30 * index + 45);
  }
});

async function statuses(rig: Rig, grants: Grant[]): Promise<string[]> {
  return Promise.all(grants.map(async (each) => (await rig.grant(each)).status));
}
