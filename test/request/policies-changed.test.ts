import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/audit/index.ts';
import { approveRequest, cancelRequest, expireDueRequests, rejectRequest } from '../../src/request/index.ts';
import { rerouteRequests } from '../../src/request/reroute-requests.ts';
import { timelineOf } from '../../src/request/timeline.ts';
import { DEMO_PEOPLE, demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { PLAIN, saveApprovalPolicy } from '../support/policies.ts';
import { DARIO, dario, LENA, lena, PRIYA, priya, READ, STAGING, TOMAS, tomas, useStage, ZOE, zoe } from './stage.ts';

const shared = useStage();
const LEADS = `GROUP:${demoGroupId('Payments Leads')}`;
const by = (approver: string, approvalsNeeded = 1) => ({ approvers: [approver], approvalsNeeded });
const yes = (requestId: string, version: number) => ({ requestId, version, comment: 'Yes.' });
const approve = (id: string, version: number, actor = priya) =>
  approveRequest(shared.stage.context, yes(id, version), actor);
const reroute = () => rerouteRequests(shared.stage.context);

describe('A07 request changed: a decision on what the page no longer shows is refused, and says what changed', () => {
  it('after a cancellation', async () => {
    const { id } = await shared.stage.submit();
    await cancelRequest(shared.stage.context, { requestId: id, comment: '' }, lena);
    await expect(approve(id, 1)).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/was cancelled by lena\.fischer at .* Nothing was changed/),
    });
  });

  it('after another decision', async () => {
    await shared.stage.needApprovals(2);
    const { id } = await shared.stage.submit();
    await approve(id, 1);
    await expect(approve(id, 1, tomas)).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/priya\.raman approved it at .* Look again, then decide/),
    });
  });

  it('after its approvers changed: a new one looks again, an old one has no say any more', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.approvalBecomes({ steps: [by(`USER:${ZOE}`)] });
    expect(await reroute()).toBe(1);
    await expect(approve(id, 1, zoe)).rejects.toMatchObject({
      status: 409,
      code: 'moved-on',
      message: expect.stringContaining('The policy “Payments leads decide” was changed.'),
    });
    await expect(approve(id, 2, priya)).rejects.toMatchObject({ status: 403, code: 'not-approver' });
    expect((await approve(id, 2, zoe)).status).toBe('approved');
  });

  it('though nobody has looked at it since the policies changed: what is stricter applies to the decision at once', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.approvalBecomes({ steps: [by(LEADS, 2)] });
    await expect(approve(id, 1)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('It needs 2 approvals now, and 1 before.'),
    });
    expect(await stage.count('decisions')).toBe(0);
    expect(await stage.kinds()).toEqual(['request.submitted', 'request.rerouted']);
    expect((await approve(id, 2)).status).toBe('pending');
    expect((await approve(id, 3, tomas)).status).toBe('approved');
    expect(await stage.count('grants')).toBe(1);
  });

  it('where an approver of the page was taken out of the policy a moment ago', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.approvalBecomes({ steps: [by(`USER:${TOMAS}`)] });
    await expect(approve(id, 1, priya)).rejects.toMatchObject({ status: 409 });
    await expect(approve(id, 2, priya)).rejects.toMatchObject({ status: 403 });
    expect(await stage.count('grants')).toBe(0);
  });

  it('a decision of who approves no more stands, replaces nobody of those who approve now, and is told as what it is', async () => {
    const { stage } = shared;
    const people = [LEADS, `USER:${PRIYA}`];
    await stage.approvalBecomes({ steps: [{ approvers: people, approvalsNeeded: 1 }, by(`USER:${ZOE}`)] });
    const { id } = await stage.submit();
    const submitted = await stage.find(id);
    expect(submitted.submittedSteps).toEqual(submitted.steps);
    await approve(id, 1, tomas);
    await stage.approvalBecomes({ steps: [by(`USER:${DARIO}`), by(`USER:${ZOE}`)] });
    expect(await reroute()).toBe(1);
    expect(await reroute()).toBe(0);
    expect(await stage.find(id)).toMatchObject({
      // Tomás was named by his group, so who else was named has nothing to do with it.
      steps: [{ ...by(LEADS), former: true }, by(`USER:${DARIO}`), by(`USER:${ZOE}`)],
      submittedSteps: submitted.submittedSteps,
    });
    const page = (await (await stage.signIn(DEMO_PEOPLE.auditor)).get(`/requests/${id}`)).body;
    expect(page).toContain('Step 1 of 3: 1 of 1 approval, under the former policy.');
    expect(page).toContain('Step 2 of 3: 0 of 1 approval.');
    // Of the same group, and asked no more.
    await expect(rejectRequest(stage.context, yes(id, 3), priya)).rejects.toMatchObject({ code: 'not-approver' });
    await expect(approve(id, 3, zoe)).rejects.toMatchObject({ status: 403, code: 'not-your-step' });
    expect((await approve(id, 3, dario)).status).toBe('pending');
    expect((await approve(id, 4, zoe)).status).toBe('approved');
  });

  it('policies that go back and forth leave the request as it was, and small', async () => {
    const { stage } = shared;
    await stage.approvalBecomes({ steps: [by(`USER:${ZOE}`, 1), by(LEADS, 2)] });
    const { id } = await stage.submit();
    await approve(id, 1, zoe);
    const forms = [
      [by(LEADS), by(`USER:${DARIO}`), by(LEADS, 2)],
      [by(`USER:${ZOE}`, 1), by(LEADS, 2)],
    ];
    const seen = new Set<string>();
    for (let times = 0; times < 6; times++) {
      await stage.approvalBecomes({ steps: forms[times % 2] ?? [] });
      expect(await reroute()).toBe(1);
      expect(await reroute()).toBe(0);
      seen.add(JSON.stringify((await stage.find(id)).steps));
    }
    expect(seen.size).toBe(2);
    expect(await stage.find(id)).toMatchObject({ steps: forms[1] });
  });

  it('between two steps: the decision that was made stays, and the step that was added is asked for', async () => {
    const { stage } = shared;
    await stage.approvalBecomes({ steps: [by(LEADS), by(`USER:${ZOE}`)] });
    const { id } = await stage.submit();
    await approve(id, 1);
    await stage.approvalBecomes({ steps: [by(LEADS), by(`USER:${DARIO}`), by(`USER:${ZOE}`)] });
    await expect(approve(id, 2, zoe)).rejects.toMatchObject({ status: 409 });
    await expect(approve(id, 3, zoe)).rejects.toMatchObject({ status: 403, code: 'not-your-step' });
    expect((await approve(id, 3, dario)).status).toBe('pending');
    expect((await approve(id, 4, zoe)).status).toBe('approved');
    const { rows } = await stage.context.db.pool.query('select approver_id, step from decisions order by decided_at');
    expect(rows).toEqual([
      { approver_id: PRIYA, step: 0 },
      { approver_id: DARIO, step: 1 },
      { approver_id: ZOE, step: 2 },
    ]);
  });
});

describe('a request that follows the policies', () => {
  it('has a new version and the new policies, an event with before and after, and a line in its story', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.approvalBecomes({ steps: [by(`USER:${ZOE}`)] });
    await reroute();
    const after = await stage.find(id);
    expect(after).toMatchObject({ status: 'pending', version: 2, steps: [by(`USER:${ZOE}`)] });
    const versions = (after.policies as { kind: string; version: number }[]).map(({ kind, version }) => [
      kind,
      version,
    ]);
    expect(versions).toEqual([
      ['eligibility', 1],
      ['approval', 2],
    ]);
    const event = await stage.context.db.prisma.auditEvent.findFirstOrThrow({ where: { kind: 'request.rerouted' } });
    expect(event).toMatchObject({ requestId: id, actorKind: 'system', before: { version: 1, steps: [by(LEADS)] } });
    expect(event.after).toMatchObject({ version: 2, steps: [by(`USER:${ZOE}`)] });
    const [line] = await timelineOf(stage.context.db.prisma, { id }, { words: false, auditor: false, format: String });
    expect(line).toMatchObject({
      title: 'The approvers changed',
      text: 'The policy “Payments leads decide” was changed.',
    });
  });

  it('asks who is new by mail, and nobody again', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.approvalBecomes({ steps: [{ approvers: [LEADS, `USER:${ZOE}`].sort(), approvalsNeeded: 1 }] });
    await reroute();
    const asked = (await stage.mails()).filter((mail) => mail.startsWith('approval-needed'));
    expect(asked.sort()).toEqual([
      'approval-needed to Priya Raman',
      'approval-needed to Tomás Novák',
      'approval-needed to Zoë Lindqvist',
    ]);
    expect((await approve(id, 2, zoe)).status).toBe('approved');
  });

  it('asks the members of a group that was named for the first time as soon as they are known', async () => {
    const { stage } = shared;
    await stage.submit();
    await stage.approvalBecomes({ steps: [by(`GROUP:${demoGroupId('SRE On-call')}`)] });
    await reroute();
    const asked = async () => (await stage.mails()).filter((mail) => mail.startsWith('approval-needed')).length;
    expect(await asked()).toBe(2);
    await stage.sync();
    expect(await reroute()).toBe(0);
    const after = await asked();
    expect(after).toBeGreaterThan(2);
    await reroute();
    expect(await asked()).toBe(after);
  });

  it('is left alone by a change that changes nothing for it', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.approvalBecomes({ note: 'Reviewed in November.' });
    await stage.eligibilityBecomes({ approvalRequired: false });
    expect(await reroute()).toBe(0);
    expect((await stage.find(id)).version).toBe(1);
    expect((await approve(id, 1)).status).toBe('approved');
  });

  it('still wants the approval that it was sent in with, though the policies no longer need one', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.eligibilityBecomes({ approvalRequired: false });
    await stage.settings({ approvalEnabled: false });
    await reroute();
    expect(await stage.find(id)).toMatchObject({ status: 'pending', steps: [by(LEADS)] });
  });

  it('is decided by nobody where no policy covers it any more, and never approved by that; it can be cancelled or expires', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    const other = await stage.submit({ durationMinutes: 60 });
    await stage.withoutApprovalPolicy();
    expect(await reroute()).toBe(2);
    expect(await stage.find(id)).toMatchObject({ status: 'pending', steps: [{ approvers: [], approvalsNeeded: 1 }] });
    await expect(approve(id, 2)).rejects.toMatchObject({ status: 403 });
    await cancelRequest(stage.context, { requestId: id, comment: '' }, lena);
    await stage.database.advance({ hours: 4 });
    expect(await expireDueRequests(stage.context)).toBe(1);
    expect((await stage.find(other.id)).status).toBe('expired');
    expect(await stage.count('grants')).toBe(0);
  });

  it('gets approvers again when an admin names some', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.withoutApprovalPolicy();
    await reroute();
    const content = { targets: [`ACCOUNT:${STAGING}`], includeNestedOus: false, permissionSets: [], ...PLAIN };
    const rest = { name: 'New', requesterGroups: [], broaderMayDecide: false, steps: [by(`USER:${ZOE}`)], note: '' };
    await saveApprovalPolicy(stage.context, { ...content, ...rest }, systemActor('test'));
    await reroute();
    expect((await approve(id, 3, zoe)).status).toBe('approved');
  });

  it('follows a policy that begins or ends by its dates, though nothing was saved', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    const { rows } = await stage.context.db.pool.query<{ at: Date }>(`select app_now() + interval '1 hour' as at`);
    await stage.approvalBecomes({ endsAt: rows[0]!.at });
    expect(await reroute()).toBe(0);
    await stage.database.advance({ hours: 1 });
    expect(await reroute()).toBe(1);
    expect(await stage.find(id)).toMatchObject({ steps: [{ approvers: [] }] });
  });

  it('waits for a change that is being saved: the job that stands for it must not look too early', async () => {
    const { stage } = shared;
    const { pool } = stage.context.db;
    const { id } = await stage.submit();
    const saving = await pool.connect();
    await saving.query('begin');
    await saving.query(`update approval_policies set steps = $1`, [JSON.stringify([by(`USER:${ZOE}`)])]);
    const looking = reroute();
    for (let tries = 0; tries < 100; tries++) {
      const { rows } = await pool.query('select from pg_locks where not granted');
      if (rows.length > 0) break;
    }
    await saving.query('commit');
    saving.release();
    expect(await looking).toBe(1);
    expect(await stage.find(id)).toMatchObject({ steps: [by(`USER:${ZOE}`)] });
  });

  it('goes by the memberships of this moment where policies are for certain groups of requesters', async () => {
    const { stage } = shared;
    await stage.approvalBecomes({ requesterGroups: [demoGroupId('Payments Engineers')] });
    const { id } = await stage.submit();
    await stage.context.db.pool.query('delete from memberships where user_id = $1', [LENA]);
    expect(await reroute()).toBe(0);
    stage.sandbox.organization.memberships.get(demoGroupId('Payments Engineers'))!.delete(LENA);
    expect(await reroute()).toBe(1);
    expect(await stage.find(id)).toMatchObject({ steps: [{ approvers: [] }] });
  });

  it('can be rejected whatever changed, and what is decided is not touched', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await stage.approvalBecomes({ permissionSets: [READ] });
    await rejectRequest(stage.context, yes(id, 1), priya);
    expect(await reroute()).toBe(0);
    expect(await stage.find(id)).toMatchObject({ status: 'rejected', version: 2, steps: [by(LEADS)] });
  });
});
