import type { Tx } from '../platform/db.ts';
import type { Changes } from './copy-store.ts';

export const SYNC_KINDS = ['organization', 'permission_sets', 'users', 'groups', 'memberships'] as const;
export type SyncKind = (typeof SYNC_KINDS)[number];

/** One run of one kind; its start tells it from any later one. */
export interface Run {
  kind: SyncKind;
  startedAt: string;
  /** How many things the copy before held; null where there was none. */
  rowsBefore: number | null;
}

/** A later run of the kind has started: this one lost its lock, and what it read is older. */
export class Overtaken extends Error {}

/** Notes the start. */
export async function startRun(tx: Tx, kind: SyncKind): Promise<Run> {
  const [row] = await tx.$queryRaw<Omit<Run, 'kind'>[]>`
    insert into directory_syncs (kind, started_at) values (${kind}, app_now())
    on conflict (kind) do update set started_at = excluded.started_at, progress = null, expected = null
    returning started_at::text as "startedAt", row_count as "rowsBefore"`;
  if (!row) throw new Error(`the run of ${kind} was not noted`);
  return { kind, ...row };
}

/** Locks the kind's row for this run; gives the error of the run before, and whether the kind was ever copied. */
export async function lockRun(tx: Tx, { kind, startedAt }: Run): Promise<{ error: string | null; first: boolean }> {
  const [row] = await tx.$queryRaw<{ error: string | null; first: boolean; startedAt: string }[]>`
    select error, succeeded_at is null as first, started_at::text as "startedAt"
    from directory_syncs where kind = ${kind} for update`;
  if (row?.startedAt !== startedAt) throw new Overtaken(`a later run copies ${kind}`);
  return row;
}

export async function noteSuccess(
  tx: Tx,
  { kind }: Run,
  { added, changed, removed }: Changes,
  rowCount: number,
  now: Date,
): Promise<void> {
  const data = { succeededAt: now, failedAt: null, error: null, rowCount, rowsChanged: added + changed + removed };
  await tx.directorySync.update({ where: { kind }, data: { ...data, progress: null, expected: null } });
}

export async function noteFailure(tx: Tx, { kind }: Run, error: string, now: Date): Promise<void> {
  await tx.directorySync.update({ where: { kind }, data: { failedAt: now, error, progress: null, expected: null } });
}

/** How far the run has come; nothing where it was overtaken. */
export async function noteProgress(tx: Tx, run: Run, progress: number, expected: number | null): Promise<void> {
  await tx.$executeRaw`
    update directory_syncs set progress = ${progress}, expected = ${expected}::int
    where kind = ${run.kind} and started_at = ${run.startedAt}::timestamptz`;
}

/** Asks for these kinds. Only adds rows, so that whoever asks waits for nobody. */
export async function askForKinds(tx: Tx, kinds: readonly SyncKind[]): Promise<void> {
  await tx.directorySyncRequest.createMany({ data: kinds.map((kind) => ({ kind })) });
}

export async function askedKinds(tx: Tx): Promise<Set<string>> {
  const rows = await tx.directorySyncRequest.findMany({ distinct: ['kind'], select: { kind: true } });
  return new Set(rows.map(({ kind }) => kind));
}

/** What was asked for so far is being done; what is asked for from now on is done after it. */
export async function answerRequests(tx: Tx, kinds: readonly SyncKind[]): Promise<void> {
  await tx.directorySyncRequest.deleteMany({ where: { kind: { in: [...kinds] } } });
}
