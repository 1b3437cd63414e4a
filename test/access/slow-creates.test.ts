import { expect, test } from 'vitest';
import type { Grant } from '../../src/access/index.ts';
import { createRig } from './rig.ts';

/** Longer than one poll waits for the next, so that a create under way rests in between. */
const SLOW = { delayMs: 2_500 };

async function manyGrants(rig: Awaited<ReturnType<typeof createRig>>, places: (accounts: string[]) => string[]) {
  const { accounts, managementAccountId, users } = rig.sandbox.organization;
  const active = accounts.filter(({ id, state }) => state === 'ACTIVE' && id !== managementAccountId);
  const enabled = users.filter(({ status }) => status === 'ENABLED');
  const grants: Grant[] = [];
  for (const [index, accountId] of places(active.map(({ id }) => id)).entries()) {
    grants.push(await rig.open({ accountId, userId: enabled[index % enabled.length]!.id }));
  }
  rig.converger.startWatchdog();
  for (const { assignmentId, userId } of grants) rig.converger.wake(assignmentId, 'give', userId);
  return grants;
}

test('more grants than there are places, with an AWS that takes its time: none waits for a place that it holds itself', async () => {
  const rig = await createRig(SLOW);
  const grants = await manyGrants(rig, (accounts) => accounts.slice(0, 24));
  expect(grants.length).toBeGreaterThan(20);
  await expect
    .poll(async () => (await Promise.all(grants.map(rig.grant))).filter(({ status }) => status !== 'active').length, {
      // Well before those who wait are no longer counted after a minute.
      timeout: 45_000,
      interval: 500,
    })
    .toBe(0);
});

test('many grants in one slow account hold up none in another', async () => {
  const rig = await createRig(SLOW);
  const grants = await manyGrants(rig, ([crowded = '', ...others]) => [
    ...Array.from({ length: 22 }, () => crowded),
    ...others.slice(0, 3),
  ]);
  const elsewhere = grants.slice(22);
  await expect
    .poll(async () => (await Promise.all(elsewhere.map(rig.grant))).map(({ status }) => status), {
      timeout: 45_000,
      interval: 500,
    })
    .toEqual(['active', 'active', 'active']);
});
