import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  currentStep,
  type DecideContext,
  decide,
  minutesLeft,
  type RequestCommand,
  type RequestState,
  submit,
} from '../../src/request/machine.ts';

const NOW = new Date('2026-03-01T10:00:00Z');
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

function pending(overrides: Partial<RequestState> = {}): RequestState {
  return {
    status: 'pending',
    requesterId: 'rita',
    durationMinutes: 120,
    expiresAt: later(180),
    steps: [{ approvalsNeeded: 1 }],
    decisions: [],
    ...overrides,
  };
}

const by = (actorId: string | null, approvableSteps: number[] = [0], now = NOW): DecideContext => ({
  now,
  actorId,
  approvableSteps,
});

function moved(state: RequestState, command: RequestCommand, context: DecideContext) {
  const outcome = decide(state, command, context);
  if (outcome.kind !== 'moved') throw new Error(`refused: ${outcome.refusal}`);
  return outcome;
}

const refusal = (state: RequestState, command: RequestCommand, context: DecideContext) => {
  const outcome = decide(state, command, context);
  return outcome.kind === 'refused' ? outcome.refusal : 'moved';
};

describe('submitting', () => {
  const context = { now: NOW, waitMinutes: 180 };
  it('waits for a decision until the limit', () => {
    const opened = submit({ startsAt: null, durationMinutes: 60, approvalNeeded: true }, context);
    expect(opened).toEqual({ kind: 'submitted', status: 'pending', expiresAt: later(180) });
  });
  it('waits no longer than the requested window lasts', () => {
    const opened = submit({ startsAt: later(30), durationMinutes: 60, approvalNeeded: true }, context);
    expect(opened).toMatchObject({ expiresAt: later(90) });
  });
  it('is approved at once where no approval is needed', () => {
    expect(submit({ startsAt: null, durationMinutes: 60, approvalNeeded: false }, context)).toMatchObject({
      status: 'approved',
    });
  });
  it('takes a start that passed while the form was filled in, not one that is long past or months ahead', () => {
    const start = (minutes: number) =>
      submit({ startsAt: later(minutes), durationMinutes: 60, approvalNeeded: true }, context);
    expect(start(-4).kind).toBe('submitted');
    expect(start(-6)).toEqual({ kind: 'refused', refusal: 'start-in-past' });
    expect(start(91 * 24 * 60)).toEqual({ kind: 'refused', refusal: 'start-too-far' });
  });
});

describe('deciding', () => {
  it('approves with the last approval that is needed, for what was asked', () => {
    const outcome = moved(pending(), { kind: 'approve' }, by('anna'));
    expect(outcome).toMatchObject({ state: { status: 'approved' }, approvedMinutes: 120 });
    expect(outcome.decision).toEqual({ approverId: 'anna', verdict: 'approve', step: 0, durationMinutes: null });
  });
  it('gives less where an approver shortened it, and never more than the shortest', () => {
    const two = pending({ steps: [{ approvalsNeeded: 2 }] });
    const first = moved(two, { kind: 'approve', durationMinutes: 30 }, by('anna'));
    expect(first.approvedMinutes).toBeNull();
    expect(refusal(first.state, { kind: 'approve', durationMinutes: 60 }, by('ben'))).toBe('not-shorter');
    expect(moved(first.state, { kind: 'approve' }, by('ben')).approvedMinutes).toBe(30);
  });
  it('refuses a longer, empty or broken duration', () => {
    for (const durationMinutes of [121, 0, -1, 1.5]) {
      expect(refusal(pending(), { kind: 'approve', durationMinutes }, by('anna'))).toBe('not-shorter');
    }
  });
  it('counts a person once', () => {
    const once = moved(pending({ steps: [{ approvalsNeeded: 2 }] }), { kind: 'approve' }, by('anna'));
    expect(once.state.status).toBe('pending');
    expect(refusal(once.state, { kind: 'approve' }, by('anna'))).toBe('decided-before');
    expect(refusal(once.state, { kind: 'reject' }, by('anna'))).toBe('decided-before');
  });
  it('takes steps in their order', () => {
    const two = pending({ steps: [{ approvalsNeeded: 1 }, { approvalsNeeded: 1 }] });
    expect(refusal(two, { kind: 'approve' }, by('ben', [1]))).toBe('not-your-step');
    const first = moved(two, { kind: 'approve' }, by('anna', [0, 1]));
    expect(currentStep(first.state)).toBe(1);
    expect(moved(first.state, { kind: 'approve' }, by('ben', [1])).state.status).toBe('approved');
  });
  it('ends with one rejection', () => {
    const one = moved(pending({ steps: [{ approvalsNeeded: 2 }] }), { kind: 'approve' }, by('anna'));
    expect(moved(one.state, { kind: 'reject' }, by('ben')).state.status).toBe('rejected');
  });
  it('lets nobody decide their own request, whatever groups they are in', () => {
    expect(refusal(pending(), { kind: 'approve' }, by('rita'))).toBe('own-request');
    expect(refusal(pending(), { kind: 'reject' }, by('rita'))).toBe('own-request');
  });
  it('refuses who is no approver', () => {
    expect(refusal(pending(), { kind: 'approve' }, by('eve', []))).toBe('not-approver');
    expect(refusal(pending(), { kind: 'reject' }, by('eve', []))).toBe('not-approver');
  });
  it('refuses a decision from the moment that the waiting time is up', () => {
    const atEnd = by('anna', [0], later(180));
    expect(refusal(pending(), { kind: 'approve' }, atEnd)).toBe('too-late');
    expect(moved(pending(), { kind: 'approve' }, by('anna', [0], later(179))).state.status).toBe('approved');
  });
  it('lets only the requester cancel', () => {
    expect(moved(pending(), { kind: 'cancel' }, by('rita')).state.status).toBe('cancelled');
    expect(refusal(pending(), { kind: 'cancel' }, by('anna'))).toBe('not-requester');
  });
  it('expires when its time is up, and not before', () => {
    expect(refusal(pending(), { kind: 'expire' }, by(null))).toBe('not-due');
    expect(moved(pending(), { kind: 'expire' }, by(null, [], later(180))).state.status).toBe('expired');
  });
});

describe('whatever people do, in whatever order', () => {
  const person = fc.constantFrom('rita', 'anna', 'ben', 'cleo');
  const command: fc.Arbitrary<RequestCommand> = fc.oneof(
    fc.record({
      kind: fc.constant('approve' as const),
      durationMinutes: fc.option(fc.integer({ min: -5, max: 200 }), { nil: undefined }),
    }),
    fc.constantFrom<RequestCommand>({ kind: 'reject' }, { kind: 'cancel' }, { kind: 'expire' }),
  );
  const act = fc.record({
    command,
    actorId: fc.option(person),
    approvableSteps: fc.subarray([0, 1]),
    minute: fc.integer({ min: 0, max: 240 }),
  });
  const steps = fc.array(fc.record({ approvalsNeeded: fc.integer({ min: 1, max: 2 }) }), {
    minLength: 1,
    maxLength: 2,
  });

  it('nobody approves their own request, nobody counts twice, and what is over stays over', () => {
    fc.assert(
      fc.property(steps, fc.array(act, { maxLength: 20 }), (needed, acts) => {
        let state = pending({ steps: needed });
        for (const { command: each, minute, ...context } of acts) {
          const outcome = decide(state, each, { ...context, now: later(minute) });
          if (state.status !== 'pending') expect(outcome.kind).toBe('refused');
          if (outcome.kind === 'refused') continue;
          state = outcome.state;
          const deciders = state.decisions.map((decision) => decision.approverId);
          expect(deciders).not.toContain('rita');
          expect(new Set(deciders).size).toBe(deciders.length);
          if (state.status === 'approved') {
            const total = needed.reduce((sum, step) => sum + step.approvalsNeeded, 0);
            expect(state.decisions.filter(({ verdict }) => verdict === 'approve')).toHaveLength(total);
            expect(state.decisions.some(({ verdict }) => verdict === 'reject')).toBe(false);
            expect(outcome.approvedMinutes).toBe(minutesLeft(state));
            expect(minutesLeft(state)).toBeGreaterThanOrEqual(1);
            expect(minutesLeft(state)).toBeLessThanOrEqual(120);
            expect(minute).toBeLessThan(180);
          }
        }
      }),
    );
  });
});
