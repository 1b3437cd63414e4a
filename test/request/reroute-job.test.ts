import { beforeEach, expect, it } from 'vitest';
import { demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { useStage, ZOE } from './stage.ts';

const shared = useStage({ worker: true });
const LEADS = demoGroupId('Payments Leads');

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within 15 seconds: ${what}`);
}

const approversOf = async (id: string) => JSON.stringify((await shared.stage.find(id)).steps);

// The portal's own job copies the directory here, and never two at once.
beforeEach(() =>
  until('the members are copied', async () => {
    await shared.stage.sync();
    return (await shared.stage.context.db.prisma.membership.count({ where: { groupId: LEADS } })) > 0;
  }),
);

it('a policy that is saved or deleted is followed by what is pending at once, without anybody asking', async () => {
  const { stage } = shared;
  const { id } = await stage.submit();
  await stage.approvalBecomes({ steps: [{ approvers: [`USER:${ZOE}`], approvalsNeeded: 1 }] });
  await until('Zoë decides', async () => (await approversOf(id)).includes(ZOE));
  await stage.withoutApprovalPolicy();
  await until('nobody decides', async () => (await approversOf(id)).includes('"approvers":[]'));
  expect(await stage.find(id)).toMatchObject({ status: 'pending', version: 3 });
});

it('of changes that come one upon the other the last is not missed', async () => {
  const { stage } = shared;
  const { id } = await stage.submit();
  for (const approvalsNeeded of [2, 1, 2]) {
    await stage.approvalBecomes({ steps: [{ approvers: [`GROUP:${LEADS}`], approvalsNeeded }] });
  }
  await stage.approvalBecomes({ steps: [{ approvers: [`USER:${ZOE}`], approvalsNeeded: 1 }] });
  await until('Zoë decides', async () => (await approversOf(id)).includes(ZOE));
});
