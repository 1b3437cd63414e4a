import { Prisma } from '../platform/db.ts';
import { LIST_LAG } from './tuple.ts';

/** Of an operation `o`, as `doubtful` in evidence.ts has it: AWS has been seen to carry out late what it had called FAILED. */
export const DOUBTFUL = Prisma.sql`(o.outcome = 'unknown' or (o.outcome = 'failed' and o.aws_request_id is not null))`;

/** Of an operation `o`: asked of AWS, and at that time it may take effect yet, or the lists may not show it. */
export function mayTakeEffect(at: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(o.outcome in ('intended', 'in_progress')
    or (${DOUBTFUL} and o.effective_until + make_interval(secs => ${LIST_LAG / 1_000}) > ${at}))`;
}

/** Of an assignment `a`: when Latchkey last did something about it that AWS's lists may not show yet. */
export const CHANGED_AT = Prisma.sql`greatest(
  (select max(greatest(o.intended_at, o.finished_at)) from assignment_operations o where o.assignment_id = a.id),
  (select max(g.activated_at) from grants g where g.assignment_id = a.id),
  a.adopted_at
)`;
