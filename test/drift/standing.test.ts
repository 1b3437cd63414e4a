import { expect, test } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { DEVELOPMENT, LENA, POWER, STAGING, useStage } from '../request/stage.ts';

const shared = useStage();

const textOf = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
const form = (accountId: string) => `/requests/new?${new URLSearchParams({ accountId, permissionSetArn: POWER })}`;

/** Found by a comparison, and not decided. */
const found = (accountId: string, state = 'open') =>
  shared.stage.context.db.prisma.driftFinding.create({
    data: { kind: 'unknown', principalId: LENA, accountId, permissionSetArn: POWER, state },
  });

test('who has the access outside Latchkey already reads on form and request that it stays, and so does the approver', async () => {
  const { stage } = shared;
  const lena = await stage.signIn(DEMO_PEOPLE.requester);
  expect(textOf((await lena.get(form(STAGING))).body)).not.toContain('You have this already, given outside');
  await found(STAGING);
  expect(textOf((await lena.get(form(STAGING))).body)).toContain(
    'You have this already, given outside Latchkey; it will stay',
  );
  const { id } = await stage.submit();
  const own = textOf((await lena.get(`/requests/${id}`)).body);
  expect(own).toContain('You had this already, given outside Latchkey; it will stay after the end.');
  const priya = await stage.signIn(DEMO_PEOPLE.approver);
  const seen = textOf((await priya.get(`/requests/${id}`)).body);
  expect(seen.split('had this already, given outside Latchkey, and keeps it after the end.')).toHaveLength(2);
});

test('an assignment that stood before a grant is told on the request, in the lists and in the log, and survives its end', async () => {
  const { stage } = shared;
  const { sandbox, context } = stage;
  const tuple = { accountId: DEVELOPMENT, permissionSetArn: POWER, principalType: 'USER' as const, principalId: LENA };
  sandbox.assignments.add(tuple);
  const { id } = await stage.submit({ accountId: DEVELOPMENT });
  const grant = await context.db.prisma.grant.findFirstOrThrow({ where: { requestId: id } });
  const reach = async (status: string) => {
    for (let turn = 0; turn < 20; turn++) {
      await context.converger.converge(grant.assignmentId);
      const now = await context.db.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } });
      if (now.status === status) return;
    }
    throw new Error(`it is not ${status}`);
  };
  await reach('active');
  const lena = await stage.signIn(DEMO_PEOPLE.requester);
  const active = textOf((await lena.get(`/requests/${id}`)).body);
  expect(active).toContain('the same access stood before it, given outside Latchkey, and stays.');
  expect(active).not.toContain('when Latchkey takes it away by itself');
  expect(textOf((await lena.get('/access/active')).body)).toContain('Stood before, given outside Latchkey; it stays.');
  expect((await lena.post(`/requests/${id}/revocation`, { comment: 'done' })).statusCode).toBe(303);
  await reach('revoked');
  expect(sandbox.assignments.has(tuple)).toBe(true);
  expect(textOf((await lena.get('/access/ended')).body)).toContain('Stood before, given outside Latchkey; it stayed.');
  const auditor = await stage.signIn(DEMO_PEOPLE.auditor);
  expect(textOf((await auditor.get('/audit/access')).body)).toContain('Stood before');
  const csv = (await auditor.get('/audit/access.csv')).body.split('\n');
  const column = csv[0]!.split(',').indexOf('"preexisting"');
  expect(csv[1]!.split(',')[column]).toBe('"true"');
  sandbox.assignments.remove(tuple);
});
