import pLimit from 'p-limit';
import { isDatabaseAway } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import type { QueueDefinition } from '../platform/queue.ts';
import { ACCESS_QUEUES } from './alarm.ts';
import { converge } from './converge.ts';
import type { ReadPurpose } from './plan.ts';
import { createProvisioner, type Provisioner } from './provisioner.ts';
import { createRunner } from './runner.ts';
import { createSlots } from './slots.ts';
import { createTimetable, type Timetable } from './timetable.ts';
import type { AccessPorts } from './types.ts';
import { WATCHDOG_PERIOD_MS, watchdogTick } from './watchdog.ts';

/** How many turns are in the database at once, of its ten connections. */
const MOST_TURNS = { take: 5, confirm: 2, give: 1, watch: 1 };
/** The same of each when the process stops: pages need the database no more, and all is to be handed over. */
const MOST_TURNS_AT_THE_END = 5;

/** One process's share in the engine of give and take. */
export interface Converger {
  /** Brings one assignment to what its grants want, and returns when there is nothing left to do now. */
  converge(assignmentId: string, signal?: AbortSignal): Promise<void>;
  /** The same in the background, as soon as there is room. */
  wake(assignmentId: string, purpose: ReadPurpose, owner?: string): void;
  /**
   * Looks every two seconds for what is due and not moving; `queues` are made anew where the queue is broken. With
   * `works`, what falls due is looked after here, just on time.
   */
  startWatchdog(queues?: QueueDefinition[], works?: boolean): void;
  /** One look of the watchdog; how many it found. */
  watchdogTick(): Promise<number>;
  /** Ends the watchdog, and what is under way at its next safe point. */
  stop(): Promise<void>;
}

/** `provisioner` is for tests that stand between the engine and AWS. */
export function createConverger(
  platform: Platform,
  ports: AccessPorts,
  provisioner: Provisioner = createProvisioner(platform),
): Converger {
  const { log } = platform;
  const engine = {
    provisioner,
    slots: createSlots(),
    turns: {
      take: pLimit(MOST_TURNS.take),
      confirm: pLimit(MOST_TURNS.confirm),
      give: pLimit(MOST_TURNS.give),
      watch: pLimit(MOST_TURNS.watch),
    },
  };
  const runner = createRunner(async (id, shift) => {
    try {
      const rest = await converge(platform, ports, id, engine, shift);
      if (rest !== null) timetable?.set(rest.call, rest.inMs);
    } catch (error) {
      // The lease runs out and the watchdog finds it again.
      const level = isDatabaseAway(error) ? 'warn' : 'error';
      log[level]({ err: error, assignment: id }, 'looking after an assignment failed');
    }
  });
  let declared = ACCESS_QUEUES;
  let timetable: Timetable | null = null;
  const tick = () => watchdogTick(platform, declared, runner, timetable);
  let timer: NodeJS.Timeout | undefined;
  let ticking: Promise<unknown> | null = null;

  function onTimer(): void {
    if (ticking) return;
    ticking = tick()
      .catch((error: unknown) => log.warn({ err: error }, 'the watchdog could not look'))
      .finally(() => {
        ticking = null;
      });
  }

  return {
    async converge(assignmentId, signal = runner.signal) {
      await converge(platform, ports, assignmentId, engine, { purpose: 'take', signal, asked: () => {} });
    },
    wake: runner.wake,
    watchdogTick: tick,
    startWatchdog(queues = ACCESS_QUEUES, works = true) {
      declared = queues;
      if (works) timetable ??= createTimetable(({ id, purpose, owner }) => runner.wake(id, purpose, owner));
      timer ??= setInterval(onTimer, WATCHDOG_PERIOD_MS).unref();
    },
    async stop() {
      clearInterval(timer);
      timetable?.clear();
      await ticking;
      for (const turns of Object.values(engine.turns)) turns.concurrency = MOST_TURNS_AT_THE_END;
      await runner.stop();
    },
  };
}
