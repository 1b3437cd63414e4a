import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/access/tuple.ts';
import { randomFrom } from '../../src/sandbox/generate/random.ts';
import { CALM, HOUR, Simulation, type Trouble } from './simulation.ts';

type Command = (simulation: Simulation) => void;

const share = fc.constantFrom(0, 0, 0.1, 0.3, 0.6);
const trouble: fc.Arbitrary<Trouble> = fc.record({
  busy: share,
  conflict: share,
  noAnswer: share,
  failed: fc.constantFrom(0, 0, 0, 0.3),
  lostStatus: share,
  crash: fc.constantFrom(0, 0, 0.05, 0.2),
  rightsUnavailable: share,
  outage: fc.constantFrom(false, false, false, true),
  // Lists are assumed to lag by less than ten seconds.
  lagMs: fc.constantFrom(0, 0, 3_000, 9_000),
  delayMs: fc.constantFrom(0, 1_000, 20_000, 200_000),
});

const named = (name: string, run: Command): Command => Object.assign(run, { toString: () => name });

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom(5, 30, 60), fc.constantFrom(0, 0, 0, 1, 20))
      .map(([minutes, start]) => named(`open(${minutes}, ${start})`, (it) => it.open(minutes, start))),
    weight: 4,
  },
  { arbitrary: fc.nat(5).map((index) => named(`end(${index})`, (it) => it.end(index))), weight: 2 },
  { arbitrary: fc.nat(5).map((index) => named(`retry(${index})`, (it) => it.retry(index))), weight: 1 },
  {
    arbitrary: fc
      .constantFrom(100, 2 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 40 * MINUTE)
      .map((time) => named(`run(${time})`, (it) => it.run(time))),
    weight: 5,
  },
  {
    arbitrary: trouble.map((next) =>
      named(`trouble(${JSON.stringify(next)})`, (it) => {
        it.trouble = next;
      }),
    ),
    weight: 3,
  },
  {
    arbitrary: fc.constant(
      named('calm', (it) => {
        it.trouble = CALM;
      }),
    ),
    weight: 1,
  },
  { arbitrary: fc.constant(named('addStanding', (it) => it.addStanding())), weight: 1 },
  {
    arbitrary: fc.boolean().map((refused) =>
      named(`rightsRefused(${refused})`, (it) => {
        it.refusedSince = refused ? it.now : null;
      }),
    ),
    weight: 1,
  },
);

const RUNS = Number(process.env.PLAN_RUNS ?? 2_000);

test('L14 model run: whatever AWS and the processes do, access ends up there exactly while a grant is open', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 25 }), fc.nat(), (commands, seed) => {
      const simulation = new Simulation(randomFrom(seed));
      for (const each of commands) each(simulation);

      // Quiet, long enough for everything unknown to be over, and with windows still open.
      simulation.trouble = CALM;
      simulation.refusedSince = null;
      simulation.open(180, 0);
      simulation.run(35 * MINUTE);
      const statuses = [...simulation.grants.values()].map(({ status }) => status);
      expect(statuses).toContain('active');
      expect(simulation.present).toBe(true);
      for (const grant of simulation.grants.values()) expect(grant.status).not.toBe('activating');

      // All windows over.
      simulation.run(6 * HOUR);
      expect(simulation.present).toBe(simulation.standing);
      for (const grant of simulation.grants.values()) {
        expect(['ended', 'revoked', 'failed']).toContain(grant.status);
        if (grant.status !== 'failed') expect(grant.announced).toBe(grant.status);
      }
      expect(simulation.tuple).toMatchObject({
        ownership: 'unknown',
        mustBeGoneBy: null,
        absentSeenAt: null,
        nextAt: null,
      });
    }),
    { numRuns: RUNS },
  );
});
