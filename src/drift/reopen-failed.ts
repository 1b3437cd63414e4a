import { record, systemActor } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import { adoptionsThatFailed, lockFinding } from './findings-store.ts';

/** What could not be adopted waits for a decision again. */
export async function reopenFailed({ db }: Pick<Platform, 'db'>): Promise<void> {
  const failed = await adoptionsThatFailed(db.prisma);
  if (failed.length === 0) return;
  await db.tx(async (tx) => {
    for (const { id, failure } of failed) {
      const finding = await lockFinding(tx, id);
      // Somebody else was quicker.
      if (finding?.state !== 'adopted') continue;
      await tx.driftFinding.update({
        where: { id },
        data: {
          state: 'open',
          decidedAt: null,
          decidedById: null,
          decidedByName: null,
          reason: null,
          resultingGrantId: null,
        },
      });
      await record(tx, {
        kind: 'drift.reopened',
        actor: systemActor('drift'),
        subject: { kind: 'drift-finding', id },
        before: { state: 'adopted' },
        after: { state: 'open', reason: failure ?? 'It could not be adopted.' },
      });
    }
  });
}
