import { beforeAll, describe, expect, it } from 'vitest';
import { rejectRequest } from '../../src/request/index.ts';
import { DEMO_PEOPLE, demoGroupId } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { DEVELOPMENT, fields, LENA, POWER, priya, READ, STAGING, useStage } from './stage.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'tomas' | 'zoe' | 'auditor', TestClient>;

beforeAll(async () => {
  const { signIn } = shared.stage;
  people.lena = await signIn(DEMO_PEOPLE.requester);
  people.tomas = await signIn(DEMO_PEOPLE.secondApprover);
  people.zoe = await signIn('zoë.lindqvist');
  people.auditor = await signIn(DEMO_PEOPLE.auditor);
});

describe('who may not know of something', () => {
  it('an approver whom no policy names any more reads what waits for them, and nothing that was decided', async () => {
    const { context, submit } = shared.stage;
    const { pool } = context.db;
    const request = await submit();
    const { rows } = await pool.query('select steps from approval_policies');
    const decide = (steps: unknown) => pool.query('update approval_policies set steps = $1', [JSON.stringify(steps)]);
    await decide([{ approvers: [`GROUP:${demoGroupId('Data Engineers')}`], approvalsNeeded: 1 }]);
    try {
      expect((await people.tomas.get(`/requests/${request.id}`)).statusCode).toBe(200);
      await rejectRequest(context, { requestId: request.id, version: 1, comment: 'No.' }, priya);
      expect((await people.tomas.get(`/requests/${request.id}`)).statusCode).toBe(404);
    } finally {
      await decide(rows[0].steps);
    }
  });

  it('somebody who may ask for nothing in an account learns neither its name nor that it is there', async () => {
    await shared.stage.context.db.pool.query(`update accounts set state = 'SUSPENDED' where id = $1`, [STAGING]);
    const reasonFor = async (client: TestClient, accountId: string) => {
      const query = new URLSearchParams({ accountId, permissionSetArn: POWER });
      return (await client.get(`/requests/new/verdict?${query}`)).body;
    };
    expect(await reasonFor(people.lena, STAGING)).toContain('is suspended by AWS');
    for (const accountId of [STAGING, DEVELOPMENT, '999999999999']) {
      const body = await reasonFor(people.zoe, accountId);
      expect(body).toContain('No policy lets you ask for this role in this account.');
      expect(body).not.toContain('payments');
    }
  });

  it('somebody who may ask elsewhere is told the same of every account that is not theirs, there or not', async () => {
    const { pool } = shared.stage.context.db;
    const { rows } = await pool.query<{ id: string }>(
      `select id from accounts where state = 'ACTIVE' and not id = any($1) order by id limit 4`,
      [[STAGING, DEVELOPMENT]],
    );
    const [active, suspended, soon, out] = rows.map(({ id }) => id);
    // Of these the policies say something through a unit, so that only what is there could be known to lie in it.
    const content = { principals: [`USER:${LENA}`], permissionSets: [POWER], includeNestedOus: true };
    const unitOf = async (id: string) =>
      `OU:${(await pool.query('select parent_id from accounts where id = $1', [id])).rows[0].parent_id}`;
    await shared.stage.eligibilityBecomes({
      ...content,
      targets: [`ACCOUNT:${STAGING}`, await unitOf(soon ?? '')],
      startsAt: new Date('2999-01-01'),
    });
    await pool.query(`update accounts set state = 'SUSPENDED' where id = $1`, [suspended]);
    const said = async (accountId = '', arn = POWER) => {
      const query = new URLSearchParams({ accountId, permissionSetArn: arn, durationMinutes: '60' });
      const { body } = await people.lena.get(`/requests/new/verdict?${query}`);
      return body.replaceAll(accountId, 'ACCOUNT').replaceAll(arn, 'ROLE');
    };
    const unknown = await said('999999999999');
    expect(unknown).toContain('No policy lets you ask for this role in this account.');
    expect(unknown).toContain('You may ask for PowerUser in other accounts, but not in this one.');
    for (const accountId of [active, suspended, soon, out]) expect(await said(accountId)).toBe(unknown);
    // Nor does an account of theirs tell which roles there are.
    const role = 'arn:aws:sso:::permissionSet/ssoins-0000000000000000/ps-0000000000000000';
    expect(await said(DEVELOPMENT, READ)).toBe(await said(DEVELOPMENT, role));
  });
});

describe('what the database cannot take', () => {
  it.each([
    ['lena', '/requests/new?accountId=%00'],
    ['lena', `/requests/new?permissionSetArn=%00&accountId=${STAGING}`],
    ['lena', '/requests/new/verdict?accountId=%00&permissionSetArn=%00'],
    ['auditor', '/audit/approvals.csv?q=%00'],
    ['auditor', '/audit/approvals?from=0001-01-01'],
    ['auditor', '/audit/access?to=0000-01-01'],
    ['lena', `/access/active?cursor=${cursor([1e15, '2026-01-01T00:00:00Z', '00000000-0000-4000-8000-000000000000'])}`],
    ['lena', `/access/ended?cursor=${cursor(['0000-01-01T00:00:00Z', '00000000-0000-4000-8000-000000000000'])}`],
    ['tomas', `/approvals?cursor=${cursor(['0000-01-01T00:00:00Z', 5])}`],
  ] as const)('in the address of %s, %s, is as if it were not there', async (who, address) => {
    expect((await people[who].get(address)).statusCode).toBe(200);
  });

  it.each(['accountId', 'permissionSetArn'])('in the field %s is a mistake at a field', async (name) => {
    const answer = await people.lena.post('/requests', fields({ [name]: '\0' }));
    expect(answer.statusCode).toBe(422);
    expect(await shared.stage.count('requests')).toBe(0);
  });
});

function cursor(key: unknown[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}
