import { record, systemActor } from '../audit/index.ts';
import { otherAdmins } from '../identity/index.ts';
import { type Alarm, enqueueAlarm } from '../notify/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { readTimeZone } from '../settings/index.ts';
import { lockTelling, noteForbidden, noteOver, noteOverdue, whatToTell } from './alarm-store.ts';
import { forbiddenLetter, overdueLetter, overLetter } from './letters.ts';

/** How often each process looks, in milliseconds. */
const PERIOD_MS = 5_000;

/** Tells administrators of access that should be gone and is not. */
export interface HealthAlarms {
  /** One look, as the timer does it; true where somebody was told. Throws where the database is away. */
  tick(): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
}

/**
 * Looks by its own timer, in every process, and depends on nothing of the queue: an end that is overdue is told after
 * five and again after fifteen minutes, one that AWS forbids at once, and when all of it is over that too. Each is told
 * once, whatever number of processes looks, and what falls due together in one mail.
 */
export function createHealthAlarms(platform: Pick<Platform, 'config' | 'db' | 'log'>): HealthAlarms {
  const { db, log } = platform;
  let timer: NodeJS.Timeout | undefined;
  let ticking: Promise<unknown> | null = null;

  async function tick(): Promise<boolean> {
    const { overdue, forbidden, over } = await whatToTell(db.prisma);
    if (!overdue && !forbidden && !over) return false;
    return db.tx(async (tx) => {
      await lockTelling(tx);
      // Another process may have told it while this one waited.
      const still = await whatToTell(tx);
      if (still.forbidden) await tellForbidden(platform, tx);
      if (still.overdue) await tellOverdue(platform, tx);
      if (still.over) await tellOver(platform, tx);
      return still.forbidden || still.overdue || still.over;
    });
  }

  function onTimer(): void {
    ticking ??= tick()
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, 'overdue access could not be looked for'))
      .finally(() => {
        ticking = null;
      });
  }

  return {
    tick,
    start() {
      timer ??= setInterval(onTimer, PERIOD_MS).unref();
    },
    async stop() {
      clearInterval(timer);
      await ticking;
    },
  };
}

async function tellOverdue(platform: Pick<Platform, 'config' | 'log'>, tx: Tx): Promise<void> {
  const told = await noteOverdue(tx);
  const now = await appNow(tx);
  // Those that are told for the second time, and those that are told for the first, say different things.
  for (const [step, after] of [
    [2, '15 minutes'],
    [1, '5 minutes'],
  ] as const) {
    const late = told.filter((each) => each.step === step);
    if (late.length === 0) continue;
    const ids = late.map(({ id }) => id);
    platform.log.error({ grants: ids, after }, 'access is overdue: it should be gone and is not');
    await tell(platform, tx, `overdue-${step}.${now.getTime()}`, (timeZone) => overdueLetter(late, now, timeZone));
    await note(tx, 'access.overdue-told', { after, grants: ids });
  }
}

async function tellForbidden(platform: Pick<Platform, 'config'>, tx: Tx): Promise<void> {
  const told = await noteForbidden(tx);
  if (told.length === 0) return;
  const now = await appNow(tx);
  await tell(platform, tx, `cannot-revoke.${now.getTime()}`, (timeZone) => forbiddenLetter(told, now, timeZone));
  await note(tx, 'access.cannot-revoke-told', { assignments: told.map(({ id }) => id) });
}

async function tellOver(platform: Pick<Platform, 'config' | 'log'>, tx: Tx): Promise<void> {
  await noteOver(tx);
  const now = await appNow(tx);
  platform.log.info('everything that was overdue is gone now');
  await tell(platform, tx, `overdue-over.${now.getTime()}`, overLetter);
  await note(tx, 'access.overdue-over-told', {});
}

async function tell(
  platform: Pick<Platform, 'config'>,
  tx: Tx,
  id: string,
  letter: (timeZone: string) => Alarm,
): Promise<void> {
  for (const { id: userId, displayName: name, email: address } of await otherAdmins(platform, tx, null)) {
    await enqueueAlarm(tx, id, { userId, name, address }, letter(await readTimeZone(tx, userId)));
  }
}

async function note(tx: Tx, kind: string, after: Record<string, unknown>): Promise<void> {
  await record(tx, { kind, actor: systemActor('health'), subject: { kind: 'access', id: 'overdue' }, after });
}
