import type { Tx } from '../platform/db.ts';

/** How long a session lasts at the most, and without anything done in it. */
const LONGEST = '12 hours';
const IDLE = '30 minutes';

export interface StoredSession {
  userId: string;
  /** It is time to note that it is still in use; not more often, so that a click is not a write. */
  stale: boolean;
}

export async function addSignInRequest(
  tx: Tx,
  request: { id: string; browserHash: string; returnTo: string; minutes: number },
): Promise<void> {
  const { id, browserHash, returnTo, minutes } = request;
  await tx.$executeRaw`
    insert into sign_in_requests (id, browser_hash, return_to, expires_at)
    values (${id}, ${browserHash}, ${returnTo}, app_now() + make_interval(mins => ${minutes}::int))`;
}

export interface PendingSignIn {
  browserHash: string;
  returnTo: string;
  expired: boolean;
}

/** Uses the request up: null where there is none (any more), so that of any number of callers one gets it. */
export async function takeSignInRequest(tx: Tx, id: string): Promise<PendingSignIn | null> {
  const [row] = await tx.$queryRaw<PendingSignIn[]>`
    delete from sign_in_requests where id = ${id}
    returning browser_hash as "browserHash", return_to as "returnTo", expires_at <= app_now() as expired`;
  return row ?? null;
}

export async function findSignInRequest(tx: Tx, id: string): Promise<PendingSignIn | null> {
  const [row] = await tx.$queryRaw<PendingSignIn[]>`
    select browser_hash as "browserHash", return_to as "returnTo", expires_at <= app_now() as expired
    from sign_in_requests where id = ${id}`;
  return row ?? null;
}

/** False where the assertion was used before; waits for a transaction that is just using it. */
export async function markAssertionUsed(tx: Tx, id: string, until: Date): Promise<boolean> {
  const inserted = await tx.$executeRaw`
    insert into used_assertions (id, expires_at) values (${id}, ${until}) on conflict (id) do nothing`;
  return inserted === 1;
}

export async function isAssertionUsed(tx: Tx, id: string): Promise<boolean> {
  return (await tx.usedAssertion.count({ where: { id } })) > 0;
}

export async function addSession(
  tx: Tx,
  session: { idHash: string; userId: string; browserHash: string; address: string; userAgent: string },
): Promise<void> {
  const { idHash, userId, browserHash, address, userAgent } = session;
  await tx.$executeRaw`
    insert into sessions (id_hash, user_id, browser_hash, expires_at, address, user_agent)
    values (${idHash}, ${userId}, ${browserHash}, app_now() + ${LONGEST}::interval, ${address}, ${userAgent.slice(0, 500)})`;
}

/** Null where it was ended, is older than 12 hours, or was not used for 30 minutes. */
export async function findSession(tx: Tx, idHash: string): Promise<StoredSession | null> {
  const [row] = await tx.$queryRaw<StoredSession[]>`
    select user_id as "userId", last_seen_at < app_now() - interval '1 minute' as stale
    from sessions
    where id_hash = ${idHash} and expires_at > app_now() and last_seen_at > app_now() - ${IDLE}::interval`;
  return row ?? null;
}

export async function touchSession(tx: Tx, idHash: string): Promise<void> {
  await tx.$executeRaw`update sessions set last_seen_at = app_now() where id_hash = ${idHash}`;
}

/** The users whose sessions they were; those that are gone already are left out. */
export async function removeSessions(tx: Tx, by: { idHash?: string; browserHash?: string }): Promise<string[]> {
  const rows = await tx.$queryRaw<{ userId: string }[]>`
    delete from sessions
    where id_hash = ${by.idHash ?? null}::text or browser_hash = ${by.browserHash ?? null}::text
    returning user_id as "userId"`;
  return rows.map(({ userId }) => userId);
}

export async function removeSessionsOf(tx: Tx, userId: string): Promise<number> {
  return tx.$executeRaw`delete from sessions where user_id = ${userId}`;
}

/** All of them, and whatever sign-in is under way. How many sessions there were. */
export async function removeEverySession(tx: Tx): Promise<number> {
  await tx.$executeRaw`delete from sign_in_requests`;
  return tx.$executeRaw`delete from sessions`;
}

/** What can no longer be used by anyone, in all three tables. */
export async function removeExpired(tx: Tx): Promise<void> {
  await tx.$executeRaw`
    delete from sessions where expires_at <= app_now() or last_seen_at <= app_now() - ${IDLE}::interval`;
  await tx.$executeRaw`delete from sign_in_requests where expires_at <= app_now() - interval '1 hour'`;
  await tx.$executeRaw`delete from used_assertions where expires_at <= app_now()`;
}

export interface PinnedGroup {
  persona: 'admin' | 'auditor';
  configured: string;
  groupId: string;
}

export async function pinnedGroups(tx: Tx): Promise<PinnedGroup[]> {
  const rows = await tx.personaGroup.findMany({ select: { persona: true, configured: true, groupId: true } });
  return rows.map((row) => ({ ...row, persona: row.persona === 'admin' ? 'admin' : 'auditor' }));
}

/** False where another process pinned it first. */
export async function pinGroup(tx: Tx, { persona, configured, groupId }: PinnedGroup): Promise<boolean> {
  const inserted = await tx.$executeRaw`
    insert into persona_groups (persona, configured, group_id) values (${persona}, ${configured}, ${groupId})
    on conflict do nothing`;
  return inserted === 1;
}

/** The users who are signed in somewhere. */
export async function usersWithSessions(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ userId: string }[]>`
    select distinct user_id as "userId" from sessions where expires_at > app_now()`;
  return rows.map(({ userId }) => userId);
}
