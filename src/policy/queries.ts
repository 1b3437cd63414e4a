import type { Tx } from '../platform/db.ts';
import { splitRef } from './approval.ts';
import type { PrincipalRef } from './types.ts';

/** Those of the principals by which at least one enabled person is meant, as far as members are copied. */
export async function peopledPrincipals(tx: Tx, refs: readonly PrincipalRef[]): Promise<Set<PrincipalRef>> {
  const all = [...new Set(refs)].map(splitRef);
  const ids = (wanted: string) => all.filter(([kind]) => kind === wanted).map(([, id]) => id);
  const rows = await tx.$queryRaw<{ ref: string }[]>`
    select 'USER:' || id as ref from users where id = any(${ids('USER')}) and enabled
    union all
    select 'GROUP:' || g.id from unnest(${ids('GROUP')}::text[]) as g (id)
    where exists (select from memberships m join users u on u.id = m.user_id where m.group_id = g.id and u.enabled)`;
  return new Set(rows.map(({ ref }) => ref));
}

/** True where a copy of the members of groups is asked for and not there yet, as after a policy named a new group. */
export async function isCopyOfMembersAwaited(tx: Tx): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ awaited: boolean }[]>`
    select exists (select from directory_sync_requests where kind = 'memberships') as awaited`;
  return row?.awaited ?? false;
}
