import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probableCause } from '../../src/drift/causes.ts';
import { compare, FACTS, type Known, QUIET_MS } from '../../src/drift/compare.ts';

const AT = Date.UTC(2026, 0, 5, 12);
const time = fc.integer({ min: -4 * 3_600_000, max: 0 }).map((ms) => new Date(AT + ms));
const known: fc.Arbitrary<Known> = fc.record({
  ownership: fc.constantFrom('unknown', 'preexisting', 'ours'),
  busy: fc.boolean(),
  changedAt: fc.option(time),
  seenAt: fc.option(time),
  takenAway: fc.boolean(),
  activeGrant: fc.option(fc.record({ id: fc.uuid(), opensAt: time, removedOutsideAt: fc.option(time) })),
});
const look = fc.record({ from: fc.constant(new Date(AT)), present: fc.boolean() });
const trusted = fc.option(time);
const quiet = ({ busy, changedAt }: Known) => !busy && (changedAt === null || AT - changedAt.getTime() >= QUIET_MS);

/** Holds for whatever the rows say and AWS lists. */
function always(check: (each: { known: Known; present: boolean; kind: string }) => boolean) {
  fc.assert(
    fc.property(known, look, trusted, (rows, seen, from) =>
      check({ known: rows, present: seen.present, kind: compare(rows, seen, from).kind }),
    ),
    { numRuns: 3_000 },
  );
}

describe('whatever the rows say and AWS lists,', () => {
  it('nothing is concluded while something of ours is under way, or changed within the last minute', () => {
    always(({ known, kind }) => quiet(known) || kind === 'unsettled');
  });
  it('what AWS lists is unknown or there again, what it does not list is removed or missing, and never the other way round', () => {
    always(({ present, kind }) =>
      present ? !['removed', 'missing'].includes(kind) : !['unknown', 'recreated'].includes(kind),
    );
  });
  it('removed and missing are told of open grants only, and of each that has lost its access', () => {
    always(({ known, present, kind }) => {
      const lost = quiet(known) && !present && known.activeGrant !== null;
      return lost === ['removed', 'missing'].includes(kind);
    });
  });
  it('what is ours is never told as unknown', () => {
    always(({ known, kind }) => known.ownership !== 'ours' || !['unknown', 'recreated'].includes(kind));
  });
  it('what stands there and is not ours is always told, once nothing of ours is under way', () => {
    always(({ known, present, kind }) => {
      const strange = quiet(known) && present && known.ownership !== 'ours';
      return strange === ['unknown', 'recreated'].includes(kind);
    });
  });
  it('what was last seen before a long silence is missing, and not said to have been removed', () => {
    fc.assert(
      fc.property(known, time, (rows, from) => {
        const { kind } = compare(rows, { from: new Date(AT), present: false }, from);
        return kind !== 'removed' || (rows.seenAt !== null && rows.seenAt >= from);
      }),
    );
  });
});

it('of what Latchkey has no rows, what stands is unknown, and what does not is nothing', () => {
  expect(compare(null, { from: new Date(AT), present: true }, null)).toEqual({ kind: 'unknown' });
  expect(compare(null, { from: new Date(AT), present: false }, null)).toEqual({ kind: 'nothing' });
});

describe('the probable cause', () => {
  const of = (more: Partial<Parameters<typeof probableCause>[0]>) =>
    probableCause({
      kind: 'unknown',
      foundAt: new Date(AT),
      doubtfulCreate: false,
      openGrant: false,
      known: false,
      restoredAt: null,
      silentUntil: null,
      ...more,
    });
  const hoursAgo = (hours: number) => new Date(AT - hours * 3_600_000);

  it('is a sentence for each kind of finding', () => {
    for (const kind of FACTS) expect(of({ kind })).toMatch(/^[A-Z].*\.$/);
  });
  it('is a late change of ours where the outcome of one was never told', () => {
    expect(of({ doubtfulCreate: true })).toContain('may have landed late');
    expect(of({ kind: 'recreated', doubtfulCreate: true })).toContain('may have landed late');
  });
  it('is a restored backup for a day after one, where Latchkey knows nothing else', () => {
    expect(of({ restoredAt: hoursAgo(2) })).toContain('after the backup that was restored');
    expect(of({ restoredAt: hoursAgo(2), known: true })).toBe('Assigned outside Latchkey.');
    expect(of({ restoredAt: hoursAgo(30) })).toBe('Assigned outside Latchkey.');
    expect(of({ kind: 'missing', restoredAt: hoursAgo(2) })).toContain('after the backup that was restored');
  });
});
