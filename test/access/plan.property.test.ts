import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE, plus, SECOND } from '../../src/access/tuple.ts';
import { randomFrom } from '../../src/sandbox/generate/random.ts';
import { type Account, CALM, type Trouble } from './simulated-aws.ts';
import { HOUR, Simulation } from './simulation.ts';

type Command = (simulation: Simulation) => void;

const share = fc.constantFrom(0, 0, 0, 0.1, 0.3, 0.6);
const seldom = fc.constantFrom(0, 0, 0, 0.5);
const trouble: fc.Arbitrary<Trouble> = fc.record({
  busy: share,
  conflict: share,
  noAnswer: share,
  failed: seldom,
  failedLate: fc.constantFrom(0, 1),
  stuck: fc.constantFrom(0, 0, 0, 0.3, 0.8),
  lostStatus: share,
  over: fc.constantFrom(0, 0.5, 1),
  forbidden: seldom,
  crash: fc.constantFrom(0, 0, 0.05, 0.2),
  rightsUnavailable: share,
  outage: fc.constantFrom(false, false, false, true),
  // Lists are assumed to lag by less than ten seconds.
  lagMs: fc.constantFrom(0, 0, 3_000, 9_000),
  delayMs: fc.constantFrom(0, 1_000, 20_000, 200_000),
});

const named = (name: string, run: Command): Command => Object.assign(run, { toString: () => name });
const often = (weight: number, arbitrary: fc.Arbitrary<Command>) => ({ arbitrary, weight });
const about = (name: string, run: (it: Simulation, index: number) => void) =>
  fc.nat(5).map((index) => named(`${name}(${index})`, (it) => run(it, index)));
const always = (name: string, run: Command) => fc.constant(named(name, run));

const command: fc.Arbitrary<Command> = fc.oneof(
  often(
    4,
    fc
      .tuple(fc.constantFrom(5, 30, 60), fc.constantFrom(0, 0, 0, 1, 20))
      .map(([minutes, start]) => named(`open(${minutes}, ${start})`, (it) => it.open(minutes, start))),
  ),
  often(
    2,
    about('end', (it, index) => it.end(index)),
  ),
  often(
    1,
    about('retry', (it, index) => it.retry(index)),
  ),
  often(
    1,
    about('extend', (it, index) => it.extend(index, 25)),
  ),
  often(
    5,
    fc
      .constantFrom(100, 2 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 40 * MINUTE)
      .map((time) => named(`run(${time})`, (it) => it.run(time))),
  ),
  often(
    3,
    trouble.map((next) =>
      named(`trouble(${JSON.stringify(next)})`, (it) => {
        it.aws.trouble = next;
      }),
    ),
  ),
  often(
    1,
    always('no trouble', (it) => {
      it.aws.trouble = CALM;
    }),
  ),
  often(
    1,
    always('check', (it) => it.check(60)),
  ),
  often(
    2,
    about('end and open', (it, index) => {
      it.end(index);
      it.run(SECOND + index * 10 * SECOND);
      it.open(60, 0);
    }),
  ),
  often(
    1,
    always('addStanding', (it) => it.addStanding()),
  ),
  often(
    1,
    always('addInside', (it) => it.addInside()),
  ),
  often(
    1,
    fc.boolean().map((noticed) => named(`removeOutside(${noticed})`, (it) => it.removeOutside(noticed))),
  ),
  often(
    1,
    always('adopt', (it) => it.adopt(30)),
  ),
  often(
    1,
    fc.boolean().map((refused) =>
      named(`rightsRefused(${refused})`, (it) => {
        it.refusedSince = refused ? it.aws.now : null;
      }),
    ),
  ),
  often(
    1,
    fc.boolean().map((may) =>
      named(`mayGive(${may})`, (it) => {
        it.mayGive = may;
      }),
    ),
  ),
  often(
    1,
    always('silence', (it) => {
      it.looksTrustedFrom = it.aws.now;
    }),
  ),
  often(
    1,
    fc
      .constantFrom<Account>('suspended', 'suspended', 'there', 'left', 'deleted', 'forgotten', 'forgotten')
      .map((account) => named(`account(${account})`, (it) => it.become(account))),
  ),
);

const { PLAN_RUNS = '10000', PLAN_SEED, PLAN_PATH } = process.env;

test('L14 model run: whatever AWS and the processes do, access ends up there exactly while a grant is open', {
  timeout: Math.max(60_000, 10 * Number(PLAN_RUNS)),
}, () => {
  const property = fc.property(
    fc.array(command, { minLength: 1, maxLength: 25 }),
    fc.nat(),
    fc.boolean(),
    (commands, seed, patient) => {
      const simulation = new Simulation(randomFrom(seed));
      const { aws, grants } = simulation;
      for (const each of commands) each(simulation);

      // Quiet; either at once, or after everything that AWS holds up has come to its end.
      simulation.calm();
      if (patient) simulation.run(4 * HOUR);
      else aws.unstick();
      simulation.open(180, 0);
      simulation.run(35 * MINUTE);
      const statuses = [...grants.values()].map(({ status }) => status);
      if (!simulation.targetIsGone) {
        expect(statuses).toContain('active');
        expect(aws.present).toBe(true);
      }
      expect(statuses).not.toContain('activating');

      // All windows over.
      simulation.run(8 * HOUR);
      if (aws.account !== 'left') expect(aws.present).toBe(aws.standing);
      for (const grant of grants.values()) {
        expect(['ended', 'revoked', 'failed']).toContain(grant.status);
        if (grant.status !== 'failed') expect(grant.announced).toBe(grant.status);
      }
      // Absence was read again an hour after the last that was asked of AWS.
      const { lastAskedUntil, tuple } = simulation;
      const readAgain = lastAskedUntil === null || tuple.observedAt! >= plus(lastAskedUntil, HOUR);
      expect(readAgain || simulation.targetIsGone).toBe(true);
      // Organizations does not know the account, and the list shows it all the same: tried for ever.
      if (aws.account === 'left' && tuple.ownership === 'ours') {
        expect(aws.present).toBe(true);
        expect(tuple.mustBeGoneBy).not.toBeNull();
        expect(tuple.nextAt).not.toBeNull();
        return;
      }
      expect(tuple).toMatchObject({
        ownership: 'unknown',
        mustBeGoneBy: null,
        absentSeenAt: null,
        adoptedAt: null,
        rereadFrom: null,
        nextAt: null,
      });
    },
  );
  const replay = PLAN_SEED === undefined ? {} : { seed: Number(PLAN_SEED), ...(PLAN_PATH ? { path: PLAN_PATH } : {}) };
  const result = fc.check(property, { numRuns: Number(PLAN_RUNS), ...replay });
  if (!result.failed) return;
  const again = `PLAN_SEED=${result.seed} PLAN_PATH=${result.counterexamplePath} npx vitest run ${import.meta.filename}`;
  throw new Error(`${fc.defaultReportMessage(result)}\n${result.errorInstance}\nOnce more: ${again}`);
});
