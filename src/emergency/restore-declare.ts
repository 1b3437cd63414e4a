import { hostname, userInfo } from 'node:os';
import { holdForRestore, listReplicas, type Replica } from '../access/index.ts';
import { type Actor, record } from '../audit/index.ts';
import { endAllSessions } from '../identity/index.ts';
import type { Platform } from '../platform/index.ts';
import { compareEverything } from './restore-store.ts';
import { tellAdmins } from './tell.ts';

export const RESTORE_PAGE = '/admin/restore';

/** What a declaration did. */
export interface Declared {
  at: Date;
  sessions: number;
}

/** Whoever stands at the command line, as far as the machine knows. */
export function commandLineActor(): Actor {
  const name = `An administrator on the command line (${userInfo().username} at ${hostname()})`;
  return { kind: 'system', id: 'cli', name, via: 'cli' };
}

/** The processes that run on this database at the moment. They go on, and go by what is declared. */
export async function runningReplicas({ db }: Pick<Platform, 'db'>): Promise<Replica[]> {
  return (await listReplicas(db.prisma)).filter(({ alive }) => alive);
}

/**
 * Declares that the database was restored from a backup: everybody is signed out, nothing is given until an
 * administrator has looked at what is uncertain, and everything is compared with AWS. What is due goes on being
 * taken away, as far as it is ours.
 */
export async function declareRestored(platform: Pick<Platform, 'config' | 'db'>, actor: Actor): Promise<Declared> {
  return platform.db.tx(async (tx) => {
    const at = await holdForRestore(tx);
    const sessions = await endAllSessions(tx, actor);
    await compareEverything(tx, actor);
    await record(tx, {
      kind: 'access.restored',
      actor,
      subject: { kind: 'access', id: 'restore' },
      after: { at, sessions },
    });
    await tellAdmins(
      platform,
      tx,
      `restored.${at.getTime()}`,
      {
        subject: 'The database was restored from a backup: look at what is uncertain',
        lead: `${actor.name} declared that Latchkey's database was restored from a backup. Everybody was signed out, and no new access is given.`,
        next: 'Sign in, look at the list of what is uncertain, and have Latchkey go on giving access. What is due to end is being taken back meanwhile.',
        facts: [],
        page: { path: RESTORE_PAGE, label: 'See what is uncertain' },
      },
      actor,
    );
    return { at, sessions };
  });
}
