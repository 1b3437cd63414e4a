import { Prisma, type Tx } from '../platform/db.ts';
import { CHANGED_AT, mayTakeEffect } from './operations-sql.ts';

/** How an assignment stands with Latchkey itself, whatever AWS lists. */
interface Standing {
  ownership: 'unknown' | 'preexisting' | 'ours';
  /** Access is being given or taken, or something that was asked of AWS may still take effect. */
  busy: boolean;
  /** A process is at work on it now. */
  leased: boolean;
  /** When Latchkey last did something about it that AWS's lists may not show yet. */
  changedAt: Date | null;
}

/** To be read under the assignment's lock. */
export async function standingOf(tx: Tx, id: string): Promise<Standing> {
  const [row] = await tx.$queryRaw<Standing[]>`
    select a.ownership, coalesce(a.lease_until > app_now(), false) as leased,
      exists (select from grants g where g.assignment_id = a.id and g.status in ('activating', 'ending'))
        or exists (
          select from assignment_operations o where o.assignment_id = a.id
            and ${mayTakeEffect(Prisma.sql`app_now()`)}
        ) as busy,
      ${CHANGED_AT} as "changedAt"
    from assignments a where a.id = ${id}::uuid`;
  if (!row) throw new Error(`There is no assignment ${id}.`);
  return row;
}
