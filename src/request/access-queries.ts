import { z } from 'zod';
import type { Person } from '../identity/index.ts';
import { appNow, Prisma, type Tx } from '../platform/db.ts';
import { type ApproverScope, approverScope, loadPolicies, type ScopeRule } from '../policy/index.ts';
import { createCursor, cursorNumber, cursorTime, PAGE_SIZE, type Page, pageOf } from '../web/index.ts';
import { COLUMNS, filterSql, GRANTS_WITH_REQUEST, OVERDUE } from './list-sql.ts';
import { inScopeSql } from './offer-queries.ts';
import type { ListInput, ListRow } from './queries.ts';

/** A grant in a list, with whether the reader approves for it today. */
export interface AccessRow extends ListRow {
  inScope: boolean;
}

const byRankTimeAndId = createCursor(z.tuple([cursorNumber, cursorTime, z.uuid()]));
const byTimeAndId = createCursor(z.tuple([cursorTime, z.uuid()]));

/** Access that is there or promised and that the person may see: late and ending ones first, then by their end. */
export async function listActiveAccess(tx: Tx, person: Person, input: ListInput): Promise<Page<AccessRow>> {
  const size = input.size ?? PAGE_SIZE;
  const scope = await scopeOfPerson(tx, person);
  const rank = Prisma.sql`case when ${OVERDUE} then 0 when g.status = 'ending' then 1 else 2 end`;
  const end = Prisma.sql`date_trunc('milliseconds', coalesce(g.end_due_at, g.closes_at, g.latest_end))`;
  const after = byRankTimeAndId.decode(input.cursor);
  const beyond = after
    ? Prisma.sql`and (${rank}, ${end}, g.id) > (${after[0]}::int, ${new Date(after[1])}, ${after[2]}::uuid)`
    : Prisma.empty;
  const rows = await tx.$queryRaw<(AccessRow & { rank: number; end: Date })[]>`
    select ${COLUMNS}, ${scope} as "inScope", ${rank} as rank, ${end} as "end" from ${GRANTS_WITH_REQUEST}
    where g.status in ('scheduled', 'activating', 'active', 'ending')
      and ${visibleSql(person, scope)} and ${filterSql(input, 'access', false)} ${beyond}
    order by ${rank}, ${end}, g.id limit ${size + 1}`;
  return pageOf(rows, (last) => byRankTimeAndId.encode([last.rank, last.end.toISOString(), last.grantId ?? '']), size);
}

/** Access that is over, or that could not be given, and that the person may see: the latest first. */
export async function listEndedAccess(tx: Tx, person: Person, input: ListInput): Promise<Page<AccessRow>> {
  const size = input.size ?? PAGE_SIZE;
  const scope = await scopeOfPerson(tx, person);
  const time = Prisma.sql`date_trunc('milliseconds', coalesce(g.ended_at, g.created_at))`;
  const after = byTimeAndId.decode(input.cursor);
  const beyond = after ? Prisma.sql`and (${time}, g.id) < (${new Date(after[0])}, ${after[1]}::uuid)` : Prisma.empty;
  const rows = await tx.$queryRaw<(AccessRow & { time: Date })[]>`
    select ${COLUMNS}, ${scope} as "inScope", ${time} as "time" from ${GRANTS_WITH_REQUEST}
    where g.status in ('ended', 'revoked', 'failed')
      and ${visibleSql(person, scope)} and ${filterSql(input, 'access', false)} ${beyond}
    order by ${time} desc, g.id desc limit ${size + 1}`;
  return pageOf(rows, (last) => byTimeAndId.encode([last.time.toISOString(), last.grantId ?? '']), size);
}

/** Auditors and administrators see all access; everyone else their own and what they approve for today. */
function visibleSql(person: Person, scope: Prisma.Sql): Prisma.Sql {
  if (seesAllAccess(person)) return Prisma.sql`true`;
  return Prisma.sql`(g.user_id = ${person.userId} or ${scope})`;
}

export function seesAllAccess(person: Person): boolean {
  return person.personas.has('auditor') || person.personas.has('admin');
}

async function scopeOfPerson(tx: Tx, person: Person): Promise<Prisma.Sql> {
  const subject = { userId: person.userId, groupIds: person.groupIds };
  return approvesSql(approverScope(await loadPolicies(tx), subject, await appNow(tx)));
}

/** `ApproverScope.covers` for the grant `g`, in SQL; a test holds the two together. */
function approvesSql({ narrowed, broad, keptOut }: ApproverScope): Prisma.Sql {
  const rules = narrowed.map(ruleSql);
  const kept = keptOut.map(ruleSql);
  const outside = kept.length === 0 ? Prisma.sql`true` : Prisma.sql`not (${Prisma.join(kept, ' or ')})`;
  const broadly = Prisma.sql`(${inScopeSql(broad, ACCOUNT)} and ${outside})`;
  return Prisma.sql`(${Prisma.join([...rules, broadly], ' or ')})`;
}

const ACCOUNT = Prisma.sql`g.account_id`;

function ruleSql(rule: ScopeRule): Prisma.Sql {
  const conditions = [inScopeSql(rule.scope, ACCOUNT)];
  if (rule.permissionSets.size > 0) {
    conditions.push(Prisma.sql`g.permission_set_arn = any(${[...rule.permissionSets]}::text[])`);
  }
  if (rule.requesterGroups.size > 0) {
    conditions.push(Prisma.sql`exists (select from memberships m
      where m.user_id = g.user_id and m.group_id = any(${[...rule.requesterGroups]}::text[]))`);
  }
  return Prisma.sql`(${Prisma.join(conditions, ' and ')})`;
}
