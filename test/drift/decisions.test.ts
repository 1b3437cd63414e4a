import { describe, expect, test } from 'vitest';
import { decideFinding, type FindingDecision } from '../../src/drift/index.ts';
import { listFindings } from '../../src/drift/page-queries.ts';
import { reopenFailed } from '../../src/drift/reopen-failed.ts';
import { ADMIN } from '../access/rig.ts';
import { createDriftRig, type DriftRig } from './rig.ts';

/** The rig with one assignment that somebody made past Latchkey, found. */
async function withFinding(prepare: (rig: DriftRig) => Promise<void> = async () => {}) {
  const rig = await createDriftRig();
  const { sandbox, tuple } = rig;
  // Only this one, so that tests see what they decide on.
  for (const each of sandbox.assignments.list()) sandbox.assignments.remove(each);
  await prepare(rig);
  sandbox.assignments.add(tuple);
  await rig.pass();
  const { prisma } = rig.platform.db;
  const finding = await prisma.driftFinding.findFirstOrThrow({ where: { state: 'open' } });
  const decide = (more: Partial<FindingDecision>) =>
    decideFinding(
      rig.platform,
      {
        findingId: finding.id,
        seenAs: 'open',
        verdict: 'leave',
        reason: 'checked with the team',
        durationMinutes: 60,
        ...more,
      },
      ADMIN,
    );
  const decided = () => prisma.driftFinding.findUniqueOrThrow({ where: { id: finding.id } });
  const result = async () => prisma.grant.findUniqueOrThrow({ where: { id: (await decided()).resultingGrantId! } });
  const settles = (status: string) =>
    rig.until(async () => {
      await rig.database.advance({ seconds: 15 });
      return (await result()).status === status;
    });
  return { rig, finding, decide, decided, result, settles };
}

describe('leaving', () => {
  test('what is left stays at AWS, is not reported again, and ends when the assignment goes', async () => {
    const { rig, decide, decided } = await withFinding();
    await decide({ verdict: 'leave' });
    expect(await decided()).toMatchObject({ state: 'left', reason: 'checked with the team', decidedById: ADMIN.id });
    await rig.database.advance({ hours: 7 });
    await rig.pass();
    expect(await rig.findings()).toEqual([]);
    expect(await rig.findings('left')).toHaveLength(1);
    expect(rig.present()).toBe(true);
    rig.sandbox.assignments.remove(rig.tuple);
    await rig.database.advance({ hours: 7 });
    await rig.pass();
    expect(await rig.findings('left')).toEqual([]);
    const events = await rig.platform.db.prisma.auditEvent.findMany({
      where: { subjectKind: 'drift-finding' },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ kind }) => kind)).toEqual(['drift.found', 'drift.left', 'drift.cleared']);
  });
});

describe('adopting', () => {
  test('what is adopted is ours from then on, active once AWS shows it again, and gone at its end', async () => {
    const { rig, decide, result, settles } = await withFinding();
    await decide({ verdict: 'adopt', durationMinutes: 45 });
    const grant = await result();
    const assignment = await rig.platform.db.prisma.assignment.findFirstOrThrow();
    expect(assignment).toMatchObject({ ownership: 'ours', adoptedAt: expect.any(Date) });
    expect(assignment.mustBeGoneBy).toEqual(grant.latestEnd);
    await settles('active');
    expect(await result()).toMatchObject({ basis: 'adopted', preexisting: false, requestId: null });
    await rig.database.advance({ hours: 1 });
    await rig.pass();
    expect(await rig.findings()).toEqual([]);
    await settles('ended');
    expect(rig.present()).toBe(false);
    expect(rig.sandbox.assignments.history.list().filter(({ by }) => by === 'api')).toHaveLength(1);
  });

  test('what vanished before it could be confirmed is not made anew', async () => {
    const { rig, decide, result, settles } = await withFinding();
    await decide({ verdict: 'adopt' });
    rig.sandbox.assignments.remove(rig.tuple);
    await settles('failed');
    expect((await result()).failure).toBe('The assignment was gone from AWS before Latchkey could take it over.');
    expect(rig.present()).toBe(false);
    expect(await rig.platform.db.prisma.assignment.findFirstOrThrow()).toMatchObject({
      ownership: 'unknown',
      adoptedAt: null,
    });
  });

  test('what could not be adopted waits for a decision again, and says why it failed', async () => {
    const { rig, finding, decide, decided, settles } = await withFinding();
    await decide({ verdict: 'adopt' });
    rig.sandbox.assignments.remove(rig.tuple);
    await settles('failed');
    await reopenFailed(rig.platform);
    expect(await decided()).toMatchObject({ state: 'open', decidedAt: null, resultingGrantId: null });
    const input = { q: '', kind: '', state: 'open', ids: [finding.id], after: null, limit: 1 } as const;
    const { rows } = await listFindings(rig.platform.db.prisma, { ...input, ids: [finding.id] });
    expect(rows[0]!.adoptFailure).toBe('The assignment was gone from AWS before Latchkey could take it over.');
    await rig.database.advance({ hours: 7 });
    await rig.pass();
    expect((await decided()).state).toBe('cleared');
  });

  test('who is disabled or gone: refused before anything is changed; it can be removed', async () => {
    const { rig, decide, decided, settles } = await withFinding();
    const { prisma } = rig.platform.db;
    const { displayName } = await prisma.user.update({
      where: { id: rig.tuple.principalId },
      data: { enabled: false },
    });
    await expect(decide({ verdict: 'adopt' })).rejects.toThrow(
      `${displayName} is disabled in Identity Center: this can be left or removed, not adopted.`,
    );
    expect(await decided()).toMatchObject({ state: 'open' });
    expect(await prisma.grant.count()).toBe(0);
    await prisma.user.delete({ where: { id: rig.tuple.principalId } });
    await expect(decide({ verdict: 'adopt' })).rejects.toThrow('no longer in Identity Center');
    await decide({ verdict: 'remove' });
    await settles('revoked');
    expect(rig.present()).toBe(false);
  });

  test('longer than the portal allows is refused, and nothing is changed', async () => {
    const { rig, decide, decided } = await withFinding();
    await expect(decide({ verdict: 'adopt', durationMinutes: 10_000 })).rejects.toThrow(
      'the longest duration of the portal',
    );
    expect(await decided()).toMatchObject({ state: 'open' });
    expect(await rig.platform.db.prisma.grant.count()).toBe(0);
  });

  test('where somebody has a grant of the same access, it is taken away with the last of both', async () => {
    const { rig, decide, result, settles } = await withFinding();
    const grant = await rig.reaches(await rig.open({ durationMinutes: 120 }), 'active');
    expect((await rig.grant(grant)).preexisting).toBe(true);
    await rig.database.advance({ minutes: 2 });
    await decide({ verdict: 'adopt', durationMinutes: 30 });
    expect((await rig.grant(grant)).preexisting).toBe(false);
    const event = await rig.platform.db.prisma.auditEvent.findFirstOrThrow({
      where: { kind: 'grant.activating', subjectId: (await result()).id },
    });
    expect(event.after).toMatchObject({ noLongerPreexisting: [grant.id] });
    await settles('active');
    await rig.database.advance({ minutes: 40 });
    await settles('ended');
    expect((await result()).continuedBy).toBe(grant.id);
    expect(rig.present()).toBe(true);
    await rig.database.advance({ minutes: 90 });
    await rig.reaches(grant, 'ended');
    expect(rig.present()).toBe(false);
  });
});

describe('removing', () => {
  test('what is removed is gone, through the engine, and the finding leads to the grant that did it', async () => {
    const { rig, decide, decided, result, settles } = await withFinding();
    await decide({ verdict: 'remove' });
    expect(await result()).toMatchObject({ status: 'ending', endCause: 'admin', endComment: 'checked with the team' });
    await settles('revoked');
    expect(rig.present()).toBe(false);
    expect(await decided()).toMatchObject({ state: 'removed' });
  });

  test('removing goes on while AWS fails, as every revoke does', async () => {
    const { rig, decide, settles } = await withFinding();
    rig.sandbox.faults.failNext = ['AWS had a bad moment', 'and another one'];
    await decide({ verdict: 'remove' });
    await settles('revoked');
    expect(rig.present()).toBe(false);
  });

  test('where a grant of the same access is open, that one goes on, and what stood before goes with it', async () => {
    const { rig, decide, result, settles } = await withFinding();
    const grant = await rig.reaches(await rig.open(), 'active');
    await rig.database.advance({ minutes: 2 });
    await decide({ verdict: 'remove' });
    await settles('revoked');
    expect((await result()).continuedBy).toBe(grant.id);
    expect(rig.present()).toBe(true);
    expect((await rig.grant(grant)).status).toBe('active');
    await rig.database.advance({ minutes: 61 });
    await rig.reaches(grant, 'ended');
    expect(rig.present()).toBe(false);
  });

  test('L07 static preserved: without a decision, what stood before a grant is reported as such and outlives it', async () => {
    const { rig, finding } = await withFinding();
    const grant = await rig.reaches(await rig.open(), 'active');
    expect((await rig.grant(grant)).preexisting).toBe(true);
    await rig.database.advance({ minutes: 50 });
    await rig.pass();
    // A process that died and one that goes on where it was.
    const other = rig.process();
    await rig.database.advance({ minutes: 12 });
    await rig.reaches(grant, 'ended', other);
    const revoked = await rig.reaches(await rig.open(), 'active', other);
    await rig.end(revoked);
    await rig.reaches(revoked, 'revoked', other);
    for (let hour = 0; hour < 3; hour++) {
      await rig.database.advance({ hours: 3 });
      await rig.pass();
      await other.converge(grant.assignmentId);
    }
    expect(rig.present()).toBe(true);
    expect(rig.sandbox.assignments.history.list().filter(({ by }) => by === 'api')).toEqual([]);
    expect(await rig.platform.db.prisma.driftFinding.findFirstOrThrow({ where: { id: finding.id } })).toMatchObject({
      kind: 'unknown',
      state: 'open',
    });
  });
});

describe('who is not alone', () => {
  test('of two admins who decide on the same finding at once, one does and the other is told', async () => {
    const { rig, decide, decided } = await withFinding();
    for (const verdict of ['adopt', 'remove'] as const) {
      const outcomes = await Promise.allSettled([decide({ verdict }), decide({ verdict: 'leave' })]);
      const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
      if (verdict === 'adopt') {
        expect(refused).toHaveLength(1);
        expect(String(refused[0]!.reason)).toContain('in the meantime');
      } else expect(refused).toHaveLength(2);
    }
    expect(['adopted', 'left']).toContain((await decided()).state);
    expect(await rig.platform.db.prisma.grant.count()).toBeLessThanOrEqual(1);
  });

  test('adopting while the engine works on a grant of the same access never leaves it without an owner', async () => {
    const { rig, decide, decided } = await withFinding();
    for (let round = 0; round < 5; round++) {
      const grant = await rig.open({ durationMinutes: 30 });
      const [, adopting] = await Promise.allSettled([
        rig.reaches(grant, 'active'),
        round === 4 ? decide({ verdict: 'adopt' }) : Promise.resolve(),
      ]);
      if (round < 4) await rig.reaches(await rig.end(grant), 'revoked');
      else {
        const adopted = adopting.status === 'fulfilled';
        if (!adopted)
          expect(String(adopting.reason)).toMatch(/Try again in a minute|looks after this assignment already/);
        expect((await decided()).state).toBe(adopted ? 'adopted' : 'open');
        await rig.database.advance({ hours: 2 });
        await rig.until(async () => {
          await rig.database.advance({ seconds: 15 });
          return (
            (await rig.platform.db.prisma.grant.count({
              where: { status: { in: ['activating', 'active', 'ending', 'scheduled'] } },
            })) === 0
          );
        });
        expect(rig.present()).toBe(!adopted);
      }
    }
  });

  test('an assignment that Latchkey is giving or taking at the moment is not adopted', async () => {
    const { rig, decide, decided } = await withFinding();
    rig.sandbox.faults.outageOf = 'sso-admin';
    await rig.open();
    await rig.database.advance({ seconds: 1 });
    await rig.converger.converge((await rig.platform.db.prisma.assignment.findFirstOrThrow()).id);
    await expect(decide({ verdict: 'adopt' })).rejects.toThrow('Try again in a minute');
    expect(await decided()).toMatchObject({ state: 'open', resultingGrantId: null });
  });

  test('what a delegated administrator cannot touch is refused with the reason', async () => {
    const { rig, decide, decided, finding } = await withFinding();
    const { prisma } = rig.platform.db;
    await prisma.permissionSet.update({
      where: { arn: finding.permissionSetArn },
      data: { inManagementAccount: true },
    });
    await expect(decide({ verdict: 'remove' })).rejects.toThrow('also provisioned to the management account');
    expect(await decided()).toMatchObject({ state: 'open' });
  });
});

describe('what was removed outside', () => {
  test('the grant that lost its access is ended by removing it, and cannot be adopted', async () => {
    const rig = await createDriftRig();
    const grant = await rig.reaches(await rig.open(), 'active');
    rig.sandbox.assignments.remove(rig.tuple);
    await rig.database.advance({ minutes: 2 });
    await rig.pass();
    const { prisma } = rig.platform.db;
    const finding = await prisma.driftFinding.findFirstOrThrow({ where: { kind: 'removed' } });
    const given = { findingId: finding.id, seenAs: 'open' as const, reason: 'not needed', durationMinutes: 60 };
    await expect(decideFinding(rig.platform, { ...given, verdict: 'adopt' }, ADMIN)).rejects.toThrow(
      'nothing at AWS to adopt',
    );
    await decideFinding(rig.platform, { ...given, verdict: 'remove' }, ADMIN);
    await rig.until(async () => {
      await rig.database.advance({ seconds: 15 });
      return (await rig.grant(grant)).status === 'revoked';
    });
    expect(await prisma.driftFinding.findUniqueOrThrow({ where: { id: finding.id } })).toMatchObject({
      state: 'removed',
      resultingGrantId: grant.id,
    });
  });
});
