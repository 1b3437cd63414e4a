import type { Actor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';

/** Asks for a comparison with AWS: of what Latchkey gave, or of all that an account has. */
export async function askForComparison(
  tx: Tx,
  scope: 'own' | 'account',
  scopeId: string | null,
  actor: Pick<Actor, 'id' | 'name'>,
): Promise<void> {
  await tx.$executeRaw`
    insert into drift_requests (scope, scope_id, requested_by_id, requested_by_name)
    values (${scope}, ${scopeId}, ${actor.id}, ${actor.name})`;
}
