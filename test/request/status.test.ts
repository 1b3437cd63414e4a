import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRANT_PRECEDENCE, type GrantFacts, seenStatus } from '../../src/request/status.ts';
import { windowFrom, windowOfGrant } from '../../src/request/window.ts';

const NOW = new Date('2026-03-01T10:00:00Z');
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const grant = (status: GrantFacts['status'], overrides: Partial<GrantFacts> = {}): GrantFacts => ({
  status,
  closesAt: null,
  endDueAt: null,
  ...overrides,
});

describe('the one status that people see', () => {
  it("is the request's until it is approved, then its grant's", () => {
    for (const status of ['pending', 'rejected', 'cancelled', 'expired'] as const) {
      expect(seenStatus({ status }, [], NOW)).toEqual({ status, overdue: false });
    }
    for (const status of GRANT_PRECEDENCE) {
      expect(seenStatus({ status: 'approved' }, [grant(status)], NOW).status).toBe(status);
    }
    expect(seenStatus({ status: 'approved' }, [], NOW).status).toBe('scheduled');
  });
  it('never says ended while one grant of several is still alive', () => {
    const some = fc.array(fc.constantFrom(...GRANT_PRECEDENCE), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(some, (statuses) => {
        const seen = seenStatus(
          { status: 'approved' },
          statuses.map((each) => grant(each)),
          NOW,
        ).status;
        expect(statuses).toContain(seen);
        if (statuses.includes('active')) expect(seen).toBe('active');
        if (seen === 'ended') expect(new Set(statuses)).toEqual(new Set(['ended']));
      }),
    );
  });
  it('calls an end overdue a minute after it was due, and only while the access may be there', () => {
    const overdue = (facts: GrantFacts) => seenStatus({ status: 'approved' }, [facts], NOW).overdue;
    expect(overdue(grant('ending', { endDueAt: at(-2) }))).toBe(true);
    expect(overdue(grant('ending', { endDueAt: at(-1) }))).toBe(false);
    expect(overdue(grant('active', { closesAt: at(-2) }))).toBe(true);
    expect(overdue(grant('ended', { closesAt: at(-60), endDueAt: at(-60) }))).toBe(false);
  });
});

describe('the window', () => {
  it('opens now where no later start is asked for, and sessions may outlive it', () => {
    const ask = { startsAt: null, durationMinutes: 60, sessionSeconds: 7200 };
    expect(windowFrom(ask, NOW)).toEqual({ opensAt: NOW, closesAt: at(60), effectiveEnd: at(180) });
    expect(windowFrom({ ...ask, startsAt: at(-3) }, NOW).opensAt).toEqual(NOW);
    expect(windowFrom({ ...ask, startsAt: at(30) }, NOW)).toMatchObject({ opensAt: at(30), closesAt: at(90) });
  });
  it('counts from the confirmed activation, and ends when the access was taken', () => {
    const given = { opensAt: at(0), durationMinutes: 60, sessionSeconds: 3600, endDueAt: null };
    const active = { ...given, activatedAt: at(2), closesAt: at(62) };
    expect(windowOfGrant(active)).toEqual({ opensAt: at(2), closesAt: at(62), effectiveEnd: at(122) });
    expect(windowOfGrant({ ...active, endDueAt: at(10) })).toMatchObject({ closesAt: at(10), effectiveEnd: at(70) });
    expect(windowOfGrant({ ...given, activatedAt: null, closesAt: null }).closesAt).toEqual(at(60));
  });
});
