import type { Db, Prisma, Tx } from '../platform/db.ts';
import { MARGIN_MS, type MatchTarget, SKEW_MS } from './match.ts';
import type { ActivityEvent } from './record.ts';

/** One Region of one grant whose activity is to be read now. */
export interface DueCursor extends MatchTarget {
  grantId: string;
  region: string;
  readUntil: Date | null;
  failures: number;
  now: Date;
}

/** How late CloudTrail may deliver an event; the documentation says "typically about five minutes", not guaranteed. */
const DELIVERY_MINUTES = 20;
const SKEW_SECONDS = SKEW_MS / 1000;
const MARGIN_SECONDS = MARGIN_MS / 1000;

/** Gives each grant that was activated a cursor per Region, due at once. */
export async function addCursors(db: Db, regions: string[]): Promise<void> {
  await db.pool.query(
    `insert into activity_cursors (grant_id, region, next_at)
     select g.id, r.region, app_now() from grants g cross join unnest($1::text[]) r (region)
     where g.activated_at is not null
       and (g.ended_at is null or g.ended_at > app_now() - interval '1 day')
     on conflict do nothing`,
    [regions],
  );
}

/**
 * Takes the cursors that are due and puts each off by five minutes first, so that no other process reads the same
 * while this one does, and a process that dies leaves them due again.
 */
export async function claimDueCursors(db: Db, limit: number): Promise<DueCursor[]> {
  const { rows } = await db.pool.query<DueCursor>(
    `with due as (
       select grant_id, region from activity_cursors where next_at <= app_now() order by next_at limit $1 for update skip locked
     )
     update activity_cursors c set next_at = app_now() + interval '5 minutes'
     from due, grants g
     where c.grant_id = due.grant_id and c.region = due.region and g.id = c.grant_id
     returning c.grant_id as "grantId", c.region, c.read_until as "readUntil", c.failures, g.account_id as "accountId",
       g.permission_set_name as "permissionSetName", g.user_name as "userName", g.user_id as "userId",
       g.activated_at as "activatedAt", g.ended_at as "endedAt", g.session_seconds as "sessionSeconds", app_now() as now`,
    [limit],
  );
  return rows;
}

/** Stores each event once by its ID, and that it fits the grant. */
export async function storeMatches(db: Db, grantId: string, events: ActivityEvent[]): Promise<void> {
  if (events.length === 0) return;
  await db.tx(async (tx) => {
    await tx.activityEvent.createMany({
      data: events.map(({ identity: _, record, ...event }) => ({ ...event, record: record as Prisma.InputJsonObject })),
      skipDuplicates: true,
    });
    await tx.activityMatch.createMany({
      data: events.map(({ eventId }) => ({ eventId, grantId })),
      skipDuplicates: true,
    });
  });
}

/** The range up to `readUntil` was read whole. Where no session can write any more and delivery is over, that was the last. */
export async function advanceCursor(db: Db, cursor: DueCursor, readUntil: Date): Promise<void> {
  await db.pool.query(
    `update activity_cursors c set read_until = $3, failures = 0, last_error = null,
       next_at = case
         when g.ended_at + make_interval(secs => ${SKEW_SECONDS} + g.session_seconds + ${MARGIN_SECONDS}, mins => ${DELIVERY_MINUTES}) < $3 then null
         when g.status in ('activating', 'active', 'ending') then app_now() + interval '1 minute'
         else app_now() + interval '5 minutes' end
     from grants g where g.id = c.grant_id and c.grant_id = $1 and c.region = $2`,
    [cursor.grantId, cursor.region, readUntil],
  );
}

export async function delayCursor(db: Db, cursor: DueCursor, error: string): Promise<void> {
  const minutes = Math.min(60, 2 ** Math.min(cursor.failures, 6));
  await db.pool.query(
    `update activity_cursors set failures = failures + 1, last_error = $3, next_at = app_now() + make_interval(mins => $4)
     where grant_id = $1 and region = $2`,
    [cursor.grantId, cursor.region, error.slice(0, 1_000), minutes],
  );
}

/** Where reading starts again: early enough for what CloudTrail delivers late. */
export function readFrom(cursor: DueCursor): Date {
  const first = cursor.activatedAt.getTime() - SKEW_MS;
  if (cursor.readUntil === null) return new Date(first);
  return new Date(Math.max(first, cursor.readUntil.getTime() - DELIVERY_MINUTES * 60_000));
}

/** An event as pages and exports show it. */
export type StoredEvent = Pick<ActivityEvent, keyof typeof EVENT_FIELDS>;

export interface EventFilter {
  changesOnly: boolean;
  deniedOnly: boolean;
}

const EVENT_FIELDS = {
  eventId: true,
  at: true,
  name: true,
  service: true,
  region: true,
  resource: true,
  error: true,
  sourceAddress: true,
  readOnly: true,
} as const;

const whereOf = (requestId: string, filter: EventFilter): Prisma.ActivityEventWhereInput => ({
  matches: { some: { grant: { requestId } } },
  ...(filter.changesOnly ? { readOnly: false } : {}),
  ...(filter.deniedOnly ? { error: { not: '' } } : {}),
});

/** The newest events of a request's grants, and how many there are. */
export async function newestEvents(
  tx: Tx,
  requestId: string,
  filter: EventFilter,
  take: number,
): Promise<{ events: StoredEvent[]; total: number }> {
  const where = whereOf(requestId, filter);
  const [events, total] = await Promise.all([
    tx.activityEvent.findMany({ where, select: EVENT_FIELDS, orderBy: [{ at: 'desc' }, { eventId: 'asc' }], take }),
    tx.activityEvent.count({ where }),
  ]);
  return { events, total };
}

/** All events of a request's grants, the oldest first, read in batches so that memory stays constant. */
export async function* allEvents(tx: Tx, requestId: string, filter: EventFilter): AsyncIterable<StoredEvent> {
  let after: StoredEvent | undefined;
  do {
    const batch: StoredEvent[] = await tx.activityEvent.findMany({
      where: {
        ...whereOf(requestId, filter),
        ...(after ? { OR: [{ at: { gt: after.at } }, { at: after.at, eventId: { gt: after.eventId } }] } : {}),
      },
      select: EVENT_FIELDS,
      orderBy: [{ at: 'asc' }, { eventId: 'asc' }],
      take: 500,
    });
    yield* batch;
    after = batch.length === 500 ? batch.at(-1) : undefined;
  } while (after);
}

/** How the reading of a request's activity stands: the oldest point up to which all Regions were read, and the last errors. */
export async function readingState(
  tx: Tx,
  requestId: string,
): Promise<{ region: string; readUntil: Date | null; lastError: string | null }[]> {
  return tx.$queryRaw`
    select c.region, min(c.read_until) as "readUntil", max(c.last_error) as "lastError"
    from activity_cursors c join grants g on g.id = c.grant_id
    where g.request_id = ${requestId}::uuid group by c.region order by c.region`;
}
