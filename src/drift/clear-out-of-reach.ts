import { record, systemActor } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import { clearFinding } from './findings-store.ts';
import { findingsOutOfReach } from './requests-store.ts';

/** Findings end with the account or the permission set that they are about. */
export async function clearOutOfReach({ db }: Platform): Promise<void> {
  await db.tx(async (tx) => {
    for (const id of await findingsOutOfReach(tx)) {
      await clearFinding(tx, id);
      await record(tx, {
        kind: 'drift.cleared',
        actor: systemActor('drift'),
        subject: { kind: 'drift-finding', id },
        after: { state: 'cleared', reason: 'The account or the permission set is gone.' },
      });
    }
  });
}
