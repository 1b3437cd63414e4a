import { type Actor, record } from '../audit/index.ts';
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
 * Notes on running access that its holder lost the right to it (`reason`), or has it again (null). False where that was
 * noted before, or the access no longer runs.
 */
export async function noteRights(tx: Tx, grantId: string, reason: string | null, actor: Actor): Promise<boolean> {
  const found = await tx.grant.findUnique({ where: { id: grantId }, select: { assignmentId: true } });
  if (!found) return false;
  const { now } = await lockAssignment(tx, found.assignmentId);
  const before = await tx.grant.findUniqueOrThrow({ where: { id: grantId } });
  if (before.status !== 'active' || (before.rightsLostToldAt === null) === (reason === null)) return false;
  const rightsLostToldAt = reason === null ? null : now;
  await tx.grant.update({ where: { id: grantId }, data: { rightsLostToldAt, version: { increment: 1 } } });
  await record(tx, {
    kind: reason === null ? 'grant.rights-back' : 'grant.rights-lost',
    actor,
    subject: { kind: 'grant', id: grantId },
    ...(before.requestId ? { requestId: before.requestId } : {}),
    before: { rightsLostToldAt: before.rightsLostToldAt },
    after: { rightsLostToldAt, ...(reason === null ? {} : { reason }) },
  });
  return true;
}
