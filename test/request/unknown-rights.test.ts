import { expect, it } from 'vitest';
import { grantsOfRequest } from '../../src/access/index.ts';
import { verifyRights } from '../../src/request/index.ts';
import { demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { neededGroups } from '../../src/worker.ts';
import { DEVELOPMENT, useStage } from './stage.ts';

const shared = useStage();

it('the members of a group that decides a pending request stay known when no policy names it any more', async () => {
  const { stage } = shared;
  const { prisma } = stage.context.db;
  const leads = demoGroupId('Storefront Leads');
  const { id } = await stage.submit();
  expect(await neededGroups(stage.context)).not.toContain(leads);
  await prisma.request.update({
    where: { id },
    data: { steps: [{ approvers: [`GROUP:${leads}`], approvalsNeeded: 1 }] },
  });
  expect(await neededGroups(stage.context)).toContain(leads);
});

it('rights are not refused for good because nothing was copied from AWS yet', async () => {
  const { stage } = shared;
  const { prisma } = stage.context.db;
  const { id } = await stage.submit({ accountId: DEVELOPMENT });
  const [grant] = await grantsOfRequest(prisma, id);
  await prisma.account.deleteMany();
  expect(await verifyRights(stage.context, grant!)).toMatchObject({ allowed: false });
  await prisma.directorySync.deleteMany();
  await expect(verifyRights(stage.context, grant!)).rejects.toMatchObject({ status: 503, code: 'not-copied' });
});
