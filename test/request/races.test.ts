import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AccessPorts, createConverger } from '../../src/access/index.ts';
import type { Context } from '../../src/context.ts';
import { approveRequest, cancelRequest, expireDueRequests, rejectRequest } from '../../src/request/index.ts';
import type { TestReplica } from '../support/portal.ts';
import { lena, POWER, priya, STAGING, tomas, useStage } from './stage.ts';

const ROUNDS = 100;
const shared = useStage();
let second: TestReplica;

beforeAll(async () => {
  second = await shared.stage.replica();
});
afterAll(() => second[Symbol.asyncDispose]());

/** Who is first is not always the same: the two nodes take turns in being asked first. */
async function race<T>(round: number, one: () => Promise<T>, other: () => Promise<T>) {
  const both = round % 2 === 0 ? [one(), other()] : [other(), one()].reverse();
  const settled = await Promise.allSettled(both);
  return settled as [PromiseSettledResult<T>, PromiseSettledResult<T>];
}

const approve = (context: Context, requestId: string, actor = priya) =>
  approveRequest(context, { requestId, version: 1, comment: 'Yes.' }, actor);

it(`L01 two approvers: on two nodes, ${ROUNDS} times, one decides and the other hears of it, and AWS is asked once`, async () => {
  const { stage } = shared;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id } = await stage.submit();
    const both = await race(
      round,
      () => approve(stage.context, id),
      () => approve(second.context, id, tomas),
    );
    const lost = both.filter((each) => each.status === 'rejected');
    expect(lost.map((each) => each.reason.status)).toEqual([409]);
  }
  expect(await stage.count('decisions')).toBe(ROUNDS);
  expect(await stage.count('grants')).toBe(ROUNDS);

  // All of them are about one assignment, and both nodes see to it.
  const { sandbox } = stage;
  const ports: AccessPorts = {
    checkRights: async () => ({ allowed: true }),
    announce: async () => {},
    targetState: async () => 'there',
  };
  const engines = [stage.context, second.context].map((context) => createConverger(context, ports));
  const { id: assignmentId } = await stage.context.db.prisma.assignment.findFirstOrThrow();
  await expect
    .poll(
      async () => {
        await Promise.all(engines.map((engine) => engine.converge(assignmentId)));
        return stage.context.db.prisma.grant.count({ where: { status: 'active' } });
      },
      { timeout: 60_000 },
    )
    .toBe(ROUNDS);
  expect(sandbox.calls.count('CreateAccountAssignment', ({ input }) => input.TargetId === STAGING)).toBe(1);
  expect(sandbox.assignments.ofPermissionSetInAccount(STAGING, POWER)).toHaveLength(1);
  await Promise.all(engines.map((engine) => engine.stop()));
}, 180_000);

const ENDS: [string, (context: Context, requestId: string) => Promise<unknown>][] = [
  ['cancelled', (context, requestId) => cancelRequest(context, { requestId, comment: '' }, lena)],
  ['rejected', (context, requestId) => rejectRequest(context, { requestId, version: 1, comment: 'No.' }, tomas)],
  [
    'expired',
    async (context, requestId) => {
      // Due in the very moment in which it is approved.
      await context.db.pool.query('update requests set expires_at = app_now() where id = $1', [requestId]);
      await expireDueRequests(context);
    },
  ],
];

it.each(ENDS)(
  `L02 approve vs cancel, deny, timeout: ${ROUNDS} times on two nodes, nothing is granted after it was %s`,
  async (terminal, finish) => {
    const { stage } = shared;
    for (let round = 0; round < ROUNDS; round += 1) {
      const { id } = await stage.submit();
      await race<unknown>(
        round,
        () => approve(stage.context, id),
        () => finish(second.context, id),
      );
    }
    const { rows } = await stage.context.db.pool.query<{ status: string; grants: number; requests: number }>(`
    select r.status, count(g.id)::int as grants, count(distinct r.id)::int as requests
    from requests r left join grants g on g.request_id = r.id group by r.status`);
    const of = (status: string) => rows.find((row) => row.status === status) ?? { grants: 0, requests: 0 };
    expect(of('approved').requests + of(terminal).requests).toBe(ROUNDS);
    expect(of(terminal).grants).toBe(0);
    expect(of('approved').grants).toBe(of('approved').requests);
  },
  180_000,
);
