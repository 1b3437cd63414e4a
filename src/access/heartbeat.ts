import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { record, systemActor } from '../audit/index.ts';
import { isDatabaseAway, type Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { beat, endSilence, removeReplica, type Silence, wakeGiving } from './replica-store.ts';

/** How often a process says that it is there, in milliseconds. */
const PERIOD_MS = 10_000;

export interface Heartbeat {
  /** One beat, as the timer does it. Throws where the database is away. */
  beat(): Promise<void>;
  /** The process goes, and says so. */
  stop(): Promise<void>;
}

export interface HeartbeatOptions {
  role: 'all' | 'web' | 'worker';
  /** Whom to tell, in its transaction, that nobody was there for more than ten minutes. */
  onSilence(tx: Tx, silence: Silence): Promise<void>;
}

/**
 * Says every ten seconds that this process is there, and for the first time before it returns. After a silence of all
 * processes nothing is given until one of them has said so; what is due to be taken away waits for nobody.
 */
export async function startHeartbeat(
  platform: Pick<Platform, 'db' | 'log'>,
  { role, onSilence }: HeartbeatOptions,
): Promise<Heartbeat> {
  const { db, log } = platform;
  const replica = { id: randomUUID(), host: hostname(), role };
  let beating: Promise<void> | null = null;

  async function beatOnce(): Promise<void> {
    if (await beat(db.prisma, replica)) return;
    const silence = await db.tx(async (tx) => {
      const ended = await endSilence(tx);
      if (ended === null) return null;
      await record(tx, {
        kind: 'access.silence',
        actor: systemActor('access'),
        subject: { kind: 'access', id: 'heartbeat' },
        after: { ...ended },
      });
      await onSilence(tx, ended);
      return ended;
    });
    if (silence === null) return;
    log.warn(silence, 'no process was there for a while; what was seen before is not believed when access is given');
    // Apart, since it waits for assignments that somebody works on, who may wait for the state of giving.
    await db.tx((tx) => wakeGiving(tx));
  }

  async function onTimer(): Promise<void> {
    try {
      await beatOnce();
    } catch (error) {
      log.warn({ err: error }, 'the process could not say that it is there');
      // After a fail-over the old connections lead to a server that only answers.
      if (isDatabaseAway(error)) await db.renew();
    }
  }

  await beatOnce();
  const timer = setInterval(() => {
    beating ??= onTimer().finally(() => {
      beating = null;
    });
  }, PERIOD_MS).unref();

  return {
    beat: beatOnce,
    async stop() {
      clearInterval(timer);
      await beating;
      await removeReplica(db.prisma, replica.id).catch((error: unknown) =>
        log.warn({ err: error }, 'the process could not say that it goes'),
      );
    },
  };
}
