import { expect, test } from 'vitest';
import { waitingPlace } from '../../src/access/index.ts';
import { createRig } from './rig.ts';

test('a waiting grant knows its place: behind emergencies, and behind the first of everyone who asked for many', async () => {
  const rig = await createRig();
  const { db } = rig.platform;
  const { accounts, permissionSets, users } = rig.sandbox.organization;
  const open = async (user: number, set: number, basis: 'approval' | 'break_glass' = 'approval') => {
    const grant = await rig.open({
      userId: users[user]!.id,
      accountId: accounts[1]!.id,
      permissionSetArn: permissionSets[set]!.arn,
      basis,
    });
    await db.prisma.grant.update({ where: { id: grant.id }, data: { status: 'activating' } });
    return grant;
  };
  const many = [await open(0, 0), await open(0, 1), await open(0, 2)];
  const other = await open(1, 0);
  const urgent = await open(2, 0, 'break_glass');
  const places = async () => {
    const all = [urgent, many[0]!, other, many[1]!, many[2]!].map(({ id }) => waitingPlace(db.prisma, id));
    return (await Promise.all(all)).map((each) => each?.place);
  };
  expect(await places()).toEqual([1, 2, 3, 4, 5]);

  const before = await waitingPlace(db.prisma, many[2]!.id);
  await db.prisma.$executeRaw`
    update grants set status = 'active', activated_at = app_now(), closes_at = app_now() where id = ${urgent.id}::uuid`;
  const after = await waitingPlace(db.prisma, many[2]!.id);
  expect(before).toMatchObject({ place: 5 });
  expect(after).toMatchObject({ place: 4 });
  expect(await waitingPlace(db.prisma, urgent.id)).toBeNull();
});

test('a grant that AWS was asked for waits no more', async () => {
  const rig = await createRig();
  const grant = await rig.open();
  expect(await waitingPlace(rig.platform.db.prisma, grant.id)).toBeNull();
  await rig.reaches(grant, 'active');
  expect(await waitingPlace(rig.platform.db.prisma, grant.id)).toBeNull();
});
