import { type Actor, record, recordAll } from '../audit/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { lockAssignment } from './store.ts';
import { toGrant } from './store-rows.ts';
import type { Grant } from './types.ts';

/** Access that is there and whose end has not come. */
export interface RunningGrant extends Grant {
  /** When administrators were told that its holder lost the right to it, where the setting lets it run on. */
  rightsLostToldAt: Date | null;
}

/** So many rows at once hold nothing else up while they are read. */
const PAGE = 500;

/** Everything that people have now through Latchkey, whatever it rests on, in pages. */
export async function* runningGrants(tx: Tx): AsyncGenerator<RunningGrant[]> {
  const now = await appNow(tx);
  for (let after = NOBODY; ; ) {
    const rows = await tx.grant.findMany({
      where: { status: 'active', closesAt: { gt: now }, id: { gt: after } },
      orderBy: { id: 'asc' },
      take: PAGE,
    });
    yield rows.map((row) => ({ ...toGrant(row), rightsLostToldAt: row.rightsLostToldAt }));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.id;
  }
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Since when the holder of this access is known to be no longer eligible, where it runs on; null where they are, or it is over. */
export async function rightsLostSince(tx: Tx, grantId: string): Promise<Date | null> {
  const row = await tx.grant.findUnique({ where: { id: grantId }, select: { rightsLostToldAt: true, status: true } });
  return row?.status === 'active' ? row.rightsLostToldAt : null;
}

/**
 * Notes on all of this running access at once that its holders lost the right to it. Gives those of which it was not
 * noted before; what somebody is just changing, or what no longer runs, is left out.
 *
 * A few statements, however many they are, and no assignment is locked: whoever takes access away waits for none of it.
 */
export async function noteRightsLost(
  tx: Tx,
  reasons: ReadonlyMap<string, string>,
  actor: Actor,
): Promise<ReadonlySet<string>> {
  const rows = await tx.$queryRaw<{ id: string; requestId: string | null; at: Date }[]>`
    with lost as (
      select id from grants
      where id = any(${[...reasons.keys()]}::uuid[]) and status = 'active' and rights_lost_told_at is null
      for no key update skip locked
    )
    update grants g set rights_lost_told_at = app_now(), version = g.version + 1
    from lost where lost.id = g.id
    returning g.id::text as id, g.request_id::text as "requestId", g.rights_lost_told_at as at`;
  await recordAll(
    tx,
    rows.map(({ id, requestId, at }) => ({
      kind: 'grant.rights-lost',
      actor,
      subject: { kind: 'grant', id },
      ...(requestId ? { requestId } : {}),
      before: { rightsLostToldAt: null },
      after: { rightsLostToldAt: at, reason: reasons.get(id) },
    })),
  );
  return new Set(rows.map(({ id }) => id));
}

/** Notes on running access that its holder has the right to it again; nothing where that is what is known. */
export async function noteRightsBack(tx: Tx, grantId: string, actor: Actor): Promise<void> {
  const found = await tx.grant.findUnique({ where: { id: grantId }, select: { assignmentId: true } });
  if (!found) return;
  await lockAssignment(tx, found.assignmentId);
  const before = await tx.grant.findUniqueOrThrow({ where: { id: grantId } });
  if (before.status !== 'active' || before.rightsLostToldAt === null) return;
  await tx.grant.update({ where: { id: grantId }, data: { rightsLostToldAt: null, version: { increment: 1 } } });
  await record(tx, {
    kind: 'grant.rights-back',
    actor,
    subject: { kind: 'grant', id: grantId },
    ...(before.requestId ? { requestId: before.requestId } : {}),
    before: { rightsLostToldAt: before.rightsLostToldAt },
    after: { rightsLostToldAt: null },
  });
}
