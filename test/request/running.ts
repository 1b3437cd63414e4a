import { expect } from 'vitest';
import { type Grant, getGrant, grantsOfRequest } from '../../src/access/index.ts';
import { approveRequest } from '../../src/request/index.ts';
import type { Submission } from '../../src/request/types.ts';
import { recurringTasks } from '../../src/worker.ts';
import { DEVELOPMENT, lena, priya, type Stage } from './stage.ts';

/** Access as tests of its end want it: asked for, approved where that is needed, and there. */
export async function running(stage: Stage, ask: Partial<Submission> = {}, actor = lena): Promise<Grant> {
  const request = await stage.submit(ask, actor);
  if (request.status === 'pending') {
    await approveRequest(stage.context, { requestId: request.id, version: request.version, comment: 'Yes.' }, priya);
  }
  const [grant] = await grantsOfRequest(stage.context.db.prisma, request.id);
  return reaches(stage, grant!, 'active');
}

/** The same in payments-dev, where nobody has to approve it. */
export const selfServed = (stage: Stage) => running(stage, { accountId: DEVELOPMENT });

export async function look(stage: Stage, { id }: Grant): Promise<Grant> {
  return (await getGrant(stage.context.db.prisma, id))!;
}

/** Looks after the assignment, moving the clock where that is what it waits for, until the grant has this status. */
export async function reaches(stage: Stage, grant: Grant, status: Grant['status']): Promise<Grant> {
  for (let turn = 0; turn < 60; turn++) {
    const now = await look(stage, grant);
    if (now.status === status) return now;
    await stage.context.converger.converge(grant.assignmentId);
    if (turn > 5) await stage.database.advance({ seconds: 3 });
  }
  return expect.unreachable(`it is ${(await look(stage, grant)).status}, not ${status}`);
}

/** Whether AWS has it. */
export function present({ sandbox }: Stage, { accountId, permissionSetArn, userId }: Grant): boolean {
  return sandbox.assignments.has({ accountId, permissionSetArn, principalType: 'USER', principalId: userId });
}

/** Runs what the workers do again and again, by its name. */
export async function watch({ context }: Stage, name: 'watch-users' | 'watch-rights' | 'watch-targets') {
  const task = recurringTasks(context).find((each) => each.name === name)!;
  return await task.run(new AbortController().signal);
}

/** The audit events about the grant after it became active, with why. */
export async function story({ context }: Stage, grant: Grant): Promise<string[]> {
  const { rows } = await context.db.pool.query<{ line: string }>(
    `select concat_ws(' ', kind, actor_kind, after ->> 'endCause', after ->> 'endComment', after ->> 'reason') as line
     from audit_events where subject_kind = 'grant' and subject_id = $1
       and id > (select max(id) from audit_events where kind = 'grant.active' and subject_id = $1) order by id`,
    [grant.id],
  );
  return rows.map(({ line }) => line);
}
