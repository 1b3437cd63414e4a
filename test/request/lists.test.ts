import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/audit/index.ts';
import type { Person } from '../../src/identity/index.ts';
import { listActiveAccess } from '../../src/request/access-queries.ts';
import { approveRequest, rejectRequest } from '../../src/request/index.ts';
import { countWaiting, listAccess, listAll, listMine, listWaiting } from '../../src/request/queries.ts';
import { GRANT_PRECEDENCE, seenStatus } from '../../src/request/status.ts';
import { approvesFor } from '../../src/request/view-request.ts';
import { DEMO_PEOPLE, demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { PLAIN, saveApprovalPolicy } from '../support/policies.ts';
import { DEVELOPMENT, LENA, POWER, PRIYA, priya, READ, STAGING, TOMAS, tomas, useStage } from './stage.ts';

const shared = useStage();
const prisma = () => shared.stage.context.db.prisma;

const person = (
  userId: string,
  groups: string[] = [],
  personas: Person['personas'] = new Set(['requester']),
): Person => ({
  userId,
  userName: userId,
  displayName: userId,
  email: null,
  groupIds: groups.map(demoGroupId),
  personas,
});
const lead = person(PRIYA, ['Payments Leads', 'Payments Engineers'], new Set(['approver'] as const));
const yes = { version: 1, comment: 'Yes.' };

describe('lists', () => {
  it('page by a cursor, whole and without repeating', async () => {
    for (let index = 0; index < 7; index++) await shared.stage.submit({ durationMinutes: 30 + index });
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listMine(prisma(), LENA, { size: 3, cursor });
      seen.push(...page.rows.map((row) => row.number ?? 0));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(seen).toEqual([1007, 1006, 1005, 1004, 1003, 1002, 1001]);
    expect((await listMine(prisma(), LENA, { cursor: 'nonsense' })).rows).toHaveLength(7);
  });

  it('put the soonest deadline first of what waits for me, and leave out mine and what I decided', async () => {
    const later = await shared.stage.submit();
    const soon = await shared.stage.submit({ startsAt: new Date(Date.now() + 600_000), durationMinutes: 30 });
    await shared.stage.submit({}, priya);
    const rows = (await listWaiting(prisma(), lead, {})).rows;
    expect(rows.map((row) => row.requestId)).toEqual([soon.id, later.id]);
    expect(await countWaiting(prisma(), lead)).toBe(2);
    await rejectRequest(shared.stage.context, { requestId: soon.id, ...yes }, priya);
    expect(await countWaiting(prisma(), lead)).toBe(1);
    const first = await listWaiting(prisma(), lead, { size: 1 });
    expect(first.next).toBeNull();
  });

  it('are filtered by words, status and days', async () => {
    const { id } = await shared.stage.submit();
    await shared.stage.submit({ accountId: DEVELOPMENT, ticket: 'INC-42' });
    await approveRequest(shared.stage.context, { requestId: id, ...yes }, tomas);
    const found = async (filter: object) => (await listAll(prisma(), filter)).rows.map((row) => row.number);
    expect(await found({ q: 'FISCHER staging' })).toEqual([1001]);
    expect(await found({ q: 'inc-42' })).toEqual([1002]);
    expect(await found({ q: 'tomas.novak' })).toEqual([1001]);
    expect(await found({ q: 'R-1002' })).toEqual([1002]);
    expect(await found({ q: "100%' or true --" })).toEqual([]);
    expect(await found({ status: 'scheduled' })).toEqual([1002, 1001]);
    expect(await found({ status: 'pending' })).toEqual([]);
    expect(await found({ from: new Date(Date.now() + 86_400_000) })).toEqual([]);
    expect(await found({ to: new Date(Date.now() + 86_400_000) })).toEqual([1002, 1001]);
  });
});

describe('the status in SQL', () => {
  it('is the same as the pure one, for each status of a grant and of two together', async () => {
    const { id } = await shared.stage.submit({ accountId: DEVELOPMENT });
    const { pool } = shared.stage.context.db;
    const { rows } = await pool.query(`select to_jsonb(g) as grant from grants g`);
    for (const first of GRANT_PRECEDENCE) {
      for (const second of GRANT_PRECEDENCE) {
        await pool.query('delete from grants');
        const grants = [first, second].map((status) => grantRow(rows[0].grant, status));
        await pool.query(`insert into grants select * from jsonb_populate_recordset(null::grants, $1)`, [
          JSON.stringify(grants),
        ]);
        const [row] = (await listMine(prisma(), LENA, {})).rows;
        const facts = grants.map((grant) => ({
          status: grant.status,
          closesAt: new Date(grant.closes_at),
          endDueAt: grant.end_due_at === null ? null : new Date(grant.end_due_at),
        }));
        const pure = seenStatus({ status: 'approved' }, facts, new Date());
        expect(row, `${first} and ${second}`).toMatchObject({ requestId: id, status: pure.status });
      }
    }
  });
});

function grantRow(row: Record<string, unknown>, status: (typeof GRANT_PRECEDENCE)[number]) {
  const over = status === 'ended' || status === 'revoked';
  return {
    ...row,
    id: randomUUID(),
    status,
    activated_at: row.opens_at,
    closes_at: String(row.latest_end),
    failure: status === 'failed' ? 'It failed.' : null,
    end_cause: over || status === 'ending' ? 'time' : null,
    end_due_at: over || status === 'ending' ? String(row.opens_at) : null,
    ended_at: over ? row.opens_at : null,
  };
}

describe('whose access an approver sees', () => {
  it('is what the policies let them approve today, narrowed ones included', async () => {
    const { id } = await shared.stage.submit();
    await approveRequest(shared.stage.context, { requestId: id, ...yes }, tomas);
    await shared.stage.submit({ accountId: DEVELOPMENT });
    const check = async (who: Person) => {
      const rows = (await listActiveAccess(prisma(), who, {})).rows;
      for (const accountId of [STAGING, DEVELOPMENT]) {
        const covers = await approvesFor(prisma(), who, { accountId, permissionSetArn: POWER, requesterId: LENA });
        expect(rows.some((row) => row.accountId === accountId)).toBe(covers);
      }
      return rows.map((row) => row.accountId);
    };
    expect(await check(lead)).toEqual([STAGING]);
    expect(await check(person(TOMAS, ['Platform Leads']))).toEqual([]);

    const narrowed = {
      name: 'Platform leads decide on PowerUser',
      targets: [`ACCOUNT:${STAGING}`, `ACCOUNT:${DEVELOPMENT}`],
      includeNestedOus: false,
      permissionSets: [POWER],
      requesterGroups: [demoGroupId('Payments Engineers')],
      broaderMayDecide: false,
      steps: [{ approvers: [`GROUP:${demoGroupId('Platform Leads')}`], approvalsNeeded: 1 }],
      note: '',
      ...PLAIN,
    };
    const saved = await saveApprovalPolicy(shared.stage.context, narrowed, systemActor('test'));
    expect(await check(lead)).toEqual([]);
    expect((await check(person(TOMAS, ['Platform Leads']))).sort()).toEqual([STAGING, DEVELOPMENT].sort());
    await prisma().approvalPolicy.delete({ where: { id: saved.id } });

    expect((await listActiveAccess(prisma(), person(LENA), {})).rows).toHaveLength(2);
    const admin = person('someone', [], new Set(['admin'] as const));
    expect((await listActiveAccess(prisma(), admin, {})).rows.every((row) => !row.inScope)).toBe(true);
  });
});

describe('the request log', () => {
  const HEADER =
    'request_id,requester_user_id,requester_username,requester_email,account_id,account_name,ou_path,permission_set_arn,' +
    'permission_set_name,justification,ticket,requested_at,requested_start,requested_duration_s,policy_id,policy_version,' +
    'required_approvals,approver_user_ids,approver_names,decision,decided_at,decision_comment,granted_at,' +
    'aws_create_request_id,expires_at,revoked_at,revoke_cause,revoked_by,aws_delete_request_id,overdue_s,status,' +
    'preexisting,break_glass,source_ip,user_agent,audit_seq_first,audit_seq_last,audit_head_hash,' +
    'request_number,extends,approved_duration_s';

  it('has the header that people rely on, a row for each request, and nothing that a spreadsheet would run', async () => {
    const evil = { ticket: '=HYPERLINK("http://evil")', justification: '@SUM(1+1) said "quote", then\r\na line' };
    const { id } = await shared.stage.submit(evil);
    await approveRequest(shared.stage.context, { requestId: id, ...yes }, tomas);
    await shared.stage.submit({ accountId: DEVELOPMENT });
    const auditor = await shared.stage.signIn(DEMO_PEOPLE.auditor);
    const { body, headers, statusCode } = await auditor.get('/audit/approvals.csv?q=staging');
    expect(statusCode).toBe(200);
    expect(headers['content-disposition']).toContain('attachment');
    const [header, ...lines] = body.trimEnd().split('\r\n');
    expect(header?.replaceAll('"', '')).toBe(HEADER);
    const text = lines.join('\r\n');
    expect(text.startsWith(`"${id}","${LENA}"`)).toBe(true);
    expect(text).toContain(`"'=HYPERLINK(""http://evil"")"`);
    expect(text).toContain(`"'@SUM(1+1) said ""quote"", then`);
    expect(text).toMatch(/"approved","\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","Yes\."/);
    expect(text).toMatch(/,"R-1001","","7200"$/);
    expect(text).not.toContain(DEVELOPMENT);
    expect((await auditor.get('/audit/access.csv')).body.trimEnd().split('\r\n').length).toBeGreaterThanOrEqual(3);
    const { rows } = await shared.stage.context.db.pool.query(
      `select count(*)::int as count from audit_events where kind = 'export.made'`,
    );
    expect(rows[0].count).toBe(2);
  });

  it('reads more than one batch, each row once', async () => {
    const { id } = await shared.stage.submit({ permissionSetArn: READ });
    await shared.stage.context.db.pool.query(
      `insert into requests select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'form_key', gen_random_uuid(), 'number', 2000 + n))).*
       from requests r, generate_series(1, 1200) n where r.id = $1`.replace(
        'insert into requests select',
        'insert into requests overriding system value select',
      ),
      [id],
    );
    const auditor = await shared.stage.signIn(DEMO_PEOPLE.auditor);
    const { body } = await auditor.get('/audit/approvals.csv');
    const ids = [...body.matchAll(/^"([0-9a-f-]{36})"/gm)].map((match) => match[1]);
    expect(ids).toHaveLength(1201);
    expect(new Set(ids).size).toBe(1201);
    const page = await auditor.get('/audit/approvals');
    expect(page.body).toContain('1,201 rows');
    expect((await listAccess(prisma(), {})).rows).toEqual([]);
  });

  it('X04 rights: is for auditors only', async () => {
    for (const userName of [DEMO_PEOPLE.requester, DEMO_PEOPLE.approver, DEMO_PEOPLE.admin]) {
      const client = await shared.stage.signIn(userName);
      for (const address of ['/audit/approvals', '/audit/access', '/audit/approvals.csv', '/audit/access.csv']) {
        expect((await client.get(address)).statusCode, `${userName} ${address}`).toBe(403);
      }
    }
  });
});

describe('every list and home', () => {
  it('is shown to each persona, empty and with rows', async () => {
    const addresses = ['/', '/requests', '/approvals', '/approvals/mine', '/access/active', '/access/ended'];
    const client = await shared.stage.signIn(DEMO_PEOPLE.approver);
    for (const address of addresses) expect((await client.get(address)).statusCode, address).toBe(200);
    const { id } = await shared.stage.submit();
    await shared.stage.submit({ accountId: DEVELOPMENT }, priya);
    await approveRequest(shared.stage.context, { requestId: id, ...yes }, priya);
    for (const address of addresses) {
      const { body, statusCode } = await client.get(`${address}?q=payments`);
      expect(statusCode, address).toBe(200);
      expect(body).not.toContain('undefined');
      expect(body).not.toContain('[object Object]');
    }
    const home = await client.get('/');
    expect(home.body).toContain('End access');
    expect(home.body).toContain('Ask again');
    const auditor = await shared.stage.signIn(DEMO_PEOPLE.auditor);
    for (const address of ['/audit/approvals', '/audit/access']) {
      const { body } = await auditor.get(address);
      expect(body).toContain('R-1001');
      expect(body).toContain('R-1002');
    }
  });
});
