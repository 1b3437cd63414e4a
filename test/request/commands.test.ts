import { describe, expect, it } from 'vitest';
import {
  approveRequest,
  cancelRequest,
  endAccess,
  expireDueRequests,
  rejectRequest,
  revokeAccess,
  verifyRights,
} from '../../src/request/index.ts';
import { demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { actorOf, DEVELOPMENT, LENA, lena, PRIYA, priya, submission, tomas, useStage } from './stage.ts';

const shared = useStage();

describe('submitting', () => {
  it('writes the request, its event, and mail to the requester and to each approver', async () => {
    const { stage } = shared;
    const request = await stage.submit();
    expect(request).toMatchObject({ status: 'pending', requesterId: LENA, number: 1001, approvalNeeded: true });
    expect(request.steps).toEqual([{ approvers: [`GROUP:${demoGroupId('Payments Leads')}`], approvalsNeeded: 1 }]);
    expect(request.policies.map((policy) => policy.kind)).toEqual(['eligibility', 'approval']);
    expect(await stage.kinds()).toEqual(['request.submitted']);
    expect((await stage.mails()).sort()).toEqual([
      'approval-needed to Priya Raman',
      'approval-needed to Tomás Novák',
      'request-submitted to Lena Fischer',
    ]);
    expect(await stage.count('grants')).toBe(0);
  });

  it('rests on the guardrails that limit it too', async () => {
    await shared.stage.guardrail(120);
    const request = await shared.stage.submit({ durationMinutes: 60 });
    expect(request.policies.map(({ kind, name }) => `${kind} ${name}`)).toContain('guardrail Short');
  });

  it('opens the grant at once where no approval is needed', async () => {
    const { stage } = shared;
    const request = await stage.submit({ accountId: DEVELOPMENT });
    expect(request).toMatchObject({ status: 'approved', steps: [] });
    const grant = await stage.context.db.prisma.grant.findFirstOrThrow();
    expect(grant).toMatchObject({ requestId: request.id, basis: 'self_serve', durationMinutes: 120 });
    expect(await stage.kinds()).toEqual(['request.submitted', 'grant.scheduled']);
  });

  it('L11 double submit: the same form sent twenty times at once is one request', async () => {
    const { stage } = shared;
    const form = submission();
    const made = await Promise.all(Array.from({ length: 20 }, () => stage.submit(form)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await stage.count('requests')).toBe(1);
    expect(await stage.kinds()).toEqual(['request.submitted']);
    expect((await stage.mails()).length).toBe(3);
  });

  it('makes another request of a form that somebody went back to and changed', async () => {
    const { stage } = shared;
    const form = submission();
    const first = await stage.submit(form);
    const second = await stage.submit({ ...form, durationMinutes: 60 });
    expect(second.id).not.toBe(first.id);
  });

  it('refuses who is not eligible, keeps nothing but the record of it', async () => {
    const { stage } = shared;
    await expect(stage.submit({}, actorOf('zoë.lindqvist'))).rejects.toMatchObject({
      status: 403,
      code: 'not-eligible',
    });
    expect(await stage.count('requests')).toBe(0);
    expect(await stage.kinds()).toEqual(['request.refused']);
  });

  it('asks Identity Center, not the copy, for the memberships that give the right', async () => {
    const { stage } = shared;
    stage.sandbox.organization.memberships.get(demoGroupId('Payments Engineers'))!.delete(LENA);
    await expect(stage.submit()).rejects.toMatchObject({ status: 403 });
  });

  it('refuses where nobody but the requester could approve, and says so', async () => {
    const { stage } = shared;
    await stage.needApprovals(2);
    const own = stage.submit({}, priya);
    await expect(own).rejects.toMatchObject({ status: 422, message: expect.stringContaining('needs 2 approvals') });
    expect(await stage.count('requests')).toBe(0);
  });
});

describe('deciding', () => {
  it('opens the grant with the approval, for less where the approver said so', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    const input = { requestId: id, version: 1, comment: 'Go ahead.', durationMinutes: 30 };
    const after = await approveRequest(stage.context, input, priya);
    expect(after).toMatchObject({ status: 'approved', approvedDurationMinutes: 30, closedById: PRIYA });
    expect(await stage.context.db.prisma.grant.findFirstOrThrow()).toMatchObject({
      basis: 'approval',
      durationMinutes: 30,
    });
    expect(await stage.kinds()).toEqual(['request.submitted', 'request.approved', 'grant.scheduled']);
    const mails = await stage.mails();
    expect(mails).toContain('request-approved to Lena Fischer');
    expect(mails).toContain('decided-by-another to Tomás Novák');
    expect(mails).not.toContain('decided-by-another to Priya Raman');
  });

  it('A02 self approval: nobody approves their own request, though they are an approver; it is recorded', async () => {
    const { stage } = shared;
    const { id } = await stage.submit({}, priya);
    const own = approveRequest(stage.context, { requestId: id, version: 1, comment: 'Mine.' }, priya);
    await expect(own).rejects.toMatchObject({ status: 403, code: 'own-request' });
    expect(await stage.kinds()).toEqual(['request.submitted', 'request.decision-refused']);
    expect(await stage.count('decisions')).toBe(0);
  });

  it('A04 removed approver: who left the group at Identity Center no longer decides', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    stage.sandbox.organization.memberships.get(demoGroupId('Payments Leads'))!.delete(PRIYA);
    const late = approveRequest(stage.context, { requestId: id, version: 1, comment: 'Yes.' }, priya);
    await expect(late).rejects.toMatchObject({ status: 403, code: 'not-approver' });
    expect(await stage.count('grants')).toBe(0);
  });

  it('says who decided it and when to who comes second', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await rejectRequest(stage.context, { requestId: id, version: 1, comment: 'Use the runbook.' }, priya);
    const second = approveRequest(stage.context, { requestId: id, version: 1, comment: 'Yes.' }, tomas);
    await expect(second).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/was rejected by priya\.raman at \d{4}-\d\d-\d\d \d\d:\d\d \(UTC\)/),
    });
  });

  it('wants a comment where the setting says so, and a decision on what the page showed', async () => {
    const { stage } = shared;
    await stage.needApprovals(2);
    const { id } = await stage.submit();
    const silent = approveRequest(stage.context, { requestId: id, version: 1, comment: '' }, priya);
    await expect(silent).rejects.toMatchObject({ status: 422, fields: { comment: expect.any(String) } });
    await approveRequest(stage.context, { requestId: id, version: 1, comment: 'First.' }, priya);
    const stale = approveRequest(stage.context, { requestId: id, version: 1, comment: 'Second.' }, tomas);
    await expect(stale).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('priya.raman approved it'),
    });
    const after = await approveRequest(stage.context, { requestId: id, version: 2, comment: 'Second.' }, tomas);
    expect(after.status).toBe('approved');
    expect(await stage.count('grants')).toBe(1);
  });
});

describe('what ends a request', () => {
  it('is expired when its time is up, by its row, and nobody can approve it any more', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    expect(await expireDueRequests(stage.context)).toBe(0);
    await stage.database.advance({ hours: 3, seconds: 1 });
    const late = approveRequest(stage.context, { requestId: id, version: 1, comment: 'Yes.' }, priya);
    await expect(late).rejects.toMatchObject({ status: 409, code: 'too-late' });
    expect(await expireDueRequests(stage.context)).toBe(1);
    expect(await expireDueRequests(stage.context)).toBe(0);
    expect(await stage.kinds()).toEqual(['request.submitted', 'request.expired']);
    expect(await stage.mails()).toContain('request-expired to Lena Fischer');
  });

  it('is cancelled by its requester only', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    const other = cancelRequest(stage.context, { requestId: id, comment: '' }, priya);
    await expect(other).rejects.toMatchObject({ status: 403 });
    await cancelRequest(stage.context, { requestId: id, comment: 'Solved.' }, lena);
    expect(await stage.mails()).toContain('request-cancelled to Tomás Novák');
    await expect(cancelRequest(stage.context, { requestId: id, comment: '' }, lena)).rejects.toMatchObject({
      status: 409,
    });
  });
});

describe('what ends access', () => {
  it('the requester gives it back', async () => {
    const { stage } = shared;
    const { id } = await stage.submit({ accountId: DEVELOPMENT });
    await expect(endAccess(stage.context, { requestId: id, comment: '' }, priya)).rejects.toMatchObject({
      status: 403,
    });
    await endAccess(stage.context, { requestId: id, comment: '' }, lena);
    const grant = await stage.context.db.prisma.grant.findFirstOrThrow();
    expect(grant).toMatchObject({ endCause: 'requester', endedById: LENA });
    await expect(endAccess(stage.context, { requestId: id, comment: '' }, lena)).rejects.toMatchObject({ status: 409 });
  });

  it('a current approver takes it away and says why; somebody else may not, which is recorded', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    await approveRequest(stage.context, { requestId: id, version: 1, comment: 'Yes.' }, priya);
    const revoke = (comment: string, actor = tomas, asAdmin = false) =>
      revokeAccess(stage.context, { requestId: id, comment, asAdmin }, actor);
    await expect(revoke('')).rejects.toMatchObject({ status: 422 });
    await expect(revoke('Stop.', actorOf('zoë.lindqvist'))).rejects.toMatchObject({ status: 403 });
    expect(await stage.kinds()).toContain('grant.revocation-refused');
    await revoke('Stop.');
    const grant = await stage.context.db.prisma.grant.findFirstOrThrow();
    expect(grant).toMatchObject({ endCause: 'approver', endComment: 'Stop.' });
  });
});

describe('A09 eligibility lost: rights are checked again before anything is given', () => {
  it('is allowed while nothing changed, and refused with the reason once something did', async () => {
    const { stage } = shared;
    await stage.submit({ accountId: DEVELOPMENT });
    const { grantsOfRequest } = await import('../../src/access/index.ts');
    const { id } = await stage.context.db.prisma.request.findFirstOrThrow();
    const [grant] = await grantsOfRequest(stage.context.db.prisma, id);
    expect(await verifyRights(stage.context, grant!)).toEqual({ allowed: true });

    await stage.context.db.pool.query(`update accounts set state = 'SUSPENDED' where id = $1`, [DEVELOPMENT]);
    expect(await verifyRights(stage.context, grant!)).toMatchObject({
      allowed: false,
      reason: expect.stringContaining('suspended'),
    });
    await stage.context.db.pool.query(`update accounts set state = 'ACTIVE' where id = $1`, [DEVELOPMENT]);

    stage.sandbox.organization.memberships.get(demoGroupId('Payments Engineers'))!.delete(LENA);
    expect(await verifyRights(stage.context, grant!)).toMatchObject({
      allowed: false,
      reason: expect.stringContaining('No policy'),
    });
  });
});

describe('while Identity Center is away', () => {
  it('A05 directory down: nobody can ask or decide, nothing is stored, and access can still be taken away', async () => {
    const { stage } = shared;
    const { id } = await stage.submit();
    const given = await stage.submit({ durationMinutes: 60 });
    await approveRequest(stage.context, { requestId: given.id, version: 1, comment: 'Yes.' }, tomas);
    stage.sandbox.faults.outage = true;
    try {
      await expect(stage.submit({ durationMinutes: 30 })).rejects.toMatchObject({ status: 503 });
      const decision = approveRequest(stage.context, { requestId: id, version: 1, comment: 'Yes.' }, priya);
      await expect(decision).rejects.toMatchObject({ status: 503 });
      await revokeAccess(stage.context, { requestId: given.id, comment: 'Incident.', asAdmin: false }, priya);
    } finally {
      stage.sandbox.faults.outage = false;
    }
    expect(await stage.count('requests')).toBe(2);
    expect(await stage.count('decisions')).toBe(1);
    expect(await stage.context.db.prisma.grant.findFirstOrThrow()).toMatchObject({ endCause: 'approver' });
  });
});
