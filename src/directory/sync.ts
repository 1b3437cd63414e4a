import { record, systemActor } from '../audit/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import type { CallOptions } from './aws-call.ts';
import { readGroups, readMemberships, readPermissionSets, readUsers } from './aws-reader.ts';
import {
  type Changes,
  storeGroups,
  storeMemberships,
  storeOrganization,
  storePermissionSets,
  storeUsers,
} from './copy-store.ts';
import { boundInstance, type Instance } from './instance.ts';
import { readOrganization } from './organization-reader.ts';

export const SYNC_KINDS = ['organization', 'permission_sets', 'users', 'groups', 'memberships'] as const;
export type SyncKind = (typeof SYNC_KINDS)[number];

export interface SyncOptions {
  /** The groups whose members policies and personas need to know. */
  groups: () => Promise<string[]>;
  /** All of them unless told otherwise. */
  kinds?: readonly SyncKind[];
  /** How often a call is tried where AWS throttles it or is away; five times unless told otherwise. */
  attempts?: number;
  signal?: AbortSignal;
}

/** How a kind's run ended. */
export type SyncOutcome = ({ ok: true; rows: number } & Changes) | { ok: false; error: string };

/** Enough to outlast a throttling, little enough to end well before the next run. */
const ATTEMPTS = 5;

/**
 * Copies accounts, units, permission sets, users, groups and the members of the named groups from AWS. Each kind is
 * one transaction, written only when all of it was read: one that fails keeps its old copy, says why in
 * `directory_syncs`, and stops no other. Null where a copy runs already, here or on another replica.
 */
export async function syncDirectory(
  platform: Platform,
  options: SyncOptions,
): Promise<Map<SyncKind, SyncOutcome> | null> {
  const kinds = SYNC_KINDS.filter((kind) => (options.kinds ?? SYNC_KINDS).includes(kind));
  const call: CallOptions = { priority: 'sync', attempts: options.attempts ?? ATTEMPTS, signal: options.signal };
  return alone(platform, async () => {
    const outcomes = await Promise.all(
      kinds.map(async (kind) => [kind, await syncKind(platform, kind, options, call)] as const),
    );
    return new Map(outcomes);
  });
}

interface Read {
  rows: number;
  store(tx: Tx): Promise<Changes>;
}

async function read(
  platform: Platform,
  kind: SyncKind,
  instance: Instance,
  options: SyncOptions,
  call: CallOptions,
): Promise<Read> {
  switch (kind) {
    case 'organization': {
      const copy = await readOrganization(platform, instance.managementAccountId, call);
      return { rows: copy.accounts.length + copy.units.length, store: (tx) => storeOrganization(tx, copy) };
    }
    case 'permission_sets': {
      const copy = await readPermissionSets(platform, instance, call);
      return { rows: copy.length, store: (tx) => storePermissionSets(tx, copy) };
    }
    case 'users': {
      const copy = await readUsers(platform, instance, call);
      return { rows: copy.length, store: (tx) => storeUsers(tx, copy) };
    }
    case 'groups': {
      const copy = await readGroups(platform, instance, call);
      return { rows: copy.length, store: (tx) => storeGroups(tx, copy) };
    }
    case 'memberships': {
      const copy = await readMemberships(platform, instance, await options.groups(), call);
      return { rows: copy.length, store: (tx) => storeMemberships(tx, copy) };
    }
  }
}

async function syncKind(
  platform: Platform,
  kind: SyncKind,
  options: SyncOptions,
  call: CallOptions,
): Promise<SyncOutcome> {
  const { db, log } = platform;
  const run = await startRun(platform, kind);
  try {
    const { rows, store } = await read(platform, kind, await boundInstance(platform), options, call);
    const changes = await db.tx(async (tx) => {
      const failed = await lockRun(tx, kind, run);
      const counts = await store(tx);
      const total = counts.added + counts.changed + counts.removed;
      const data = { succeededAt: await appNow(tx), failedAt: null, error: null, rowCount: rows, rowsChanged: total };
      await tx.directorySync.update({ where: { kind }, data });
      if (total > 0 || failed !== null) await tell(tx, 'directory.copied', kind, { ...counts, rows });
      return counts;
    });
    return { ok: true, rows, ...changes };
  } catch (error) {
    // A process that stops did not fail, and one that was overtaken has nothing to say any more.
    if (options.signal?.aborted || error instanceof Overtaken) throw error;
    const sentence = messageOf(error);
    log.warn({ err: error, kind }, 'the copy of the directory could not be renewed');
    await db.tx(async (tx) => {
      const before = await lockRun(tx, kind, run);
      await tx.directorySync.update({ where: { kind }, data: { failedAt: await appNow(tx), error: sentence } });
      // A failure that lasts is one event, not one every ten minutes.
      if (before === null) await tell(tx, 'directory.copy-failed', kind, { error: sentence });
    });
    return { ok: false, error: sentence };
  }
}

class Overtaken extends Error {}

/** Notes the start, and gives it as what tells this run from any later one. */
async function startRun({ db }: Platform, kind: SyncKind): Promise<string> {
  const [row] = await db.prisma.$queryRaw<{ run: string }[]>`
    insert into directory_syncs (kind, started_at) values (${kind}, app_now())
    on conflict (kind) do update set started_at = excluded.started_at
    returning started_at::text as run`;
  return row?.run ?? '';
}

/**
 * Locks the kind's row for this run; gives the error of the run before, null where it succeeded. Throws where a later
 * run has started: this one lost its lock, and what it read is older.
 */
async function lockRun(tx: Tx, kind: SyncKind, run: string): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ error: string | null; run: string }[]>`
    select error, started_at::text as run from directory_syncs where kind = ${kind} for update`;
  if (row?.run !== run) throw new Overtaken(`a later run copies ${kind}`);
  return row.error;
}

async function tell(tx: Tx, event: string, kind: SyncKind, after: Record<string, unknown>): Promise<void> {
  await record(tx, { kind: event, actor: systemActor('directory'), subject: { kind: 'directory', id: kind }, after });
}

/** Any number that nothing else takes. */
const LOCK = 7_203_114;

/** Runs `work` while no other replica does; the lock goes with its connection, also where this process dies. */
async function alone<Result>({ db }: Platform, work: () => Promise<Result>): Promise<Result | null> {
  const connection = await db.pool.connect();
  let broken: Error | undefined;
  connection.once('error', (error) => {
    broken = error;
  });
  try {
    const { rows } = await connection.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [LOCK]);
    if (!rows[0]?.taken) return null;
    try {
      return await work();
    } finally {
      await connection.query('select pg_advisory_unlock($1)', [LOCK]).catch((error: Error) => {
        broken = error;
      });
    }
  } finally {
    // A connection that may still hold the lock must not go back into the pool.
    connection.release(broken);
  }
}
