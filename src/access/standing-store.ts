import type { Tx } from '../platform/db.ts';

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
          and (
            o.outcome in ('intended', 'in_progress')
            -- AWS has been seen to carry out late what it had called FAILED.
            or (o.outcome = 'unknown' or (o.outcome = 'failed' and o.aws_request_id is not null))
              and o.effective_until + interval '10 seconds' > app_now()
          )
        ) as busy,
      greatest(
        (select max(greatest(o.intended_at, o.finished_at)) from assignment_operations o where o.assignment_id = a.id),
        (select max(g.activated_at) from grants g where g.assignment_id = a.id)
      ) as "changedAt"
    from assignments a where a.id = ${id}::uuid`;
  if (!row) throw new Error(`There is no assignment ${id}.`);
  return row;
}
