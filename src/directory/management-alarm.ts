import { record, systemActor } from '../audit/index.ts';
import { type Alarm, enqueueAlarm } from '../notify/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { permissionSetIndex } from './indexes.ts';
import { readAvailability } from './instance.ts';
import type { PermissionSet, User } from './types.ts';

/** How many grants that are not over rest on each of these permission sets; those on which none does are left out. */
export type CountOpenGrants = (tx: Tx, permissionSetArns: string[]) => Promise<Map<string, number>>;

export interface AlarmAddress {
  openGrants: CountOpenGrants;
  /** Whom to tell. */
  admins: (tx: Tx) => Promise<User[]>;
}

/** A permission set that AWS has put out of our reach while people hold access through it. */
export interface UnreachableSet {
  arn: string;
  name: string;
  openGrants: number;
}

/**
 * Tells administrators, by mail and on record, of permission sets that newly are provisioned to the management account
 * while grants through them are open in other accounts: as a delegated administrator Latchkey cannot take those back
 * any more.
 */
export async function raiseManagementAlarm(
  tx: Tx,
  reached: readonly PermissionSet[],
  { openGrants, admins }: AlarmAddress,
): Promise<void> {
  const held = await unreachable(tx, reached, openGrants);
  if (held.length === 0) return;
  const now = await appNow(tx);
  const people = (await admins(tx)).filter(({ enabled }) => enabled);
  for (const set of held) {
    await record(tx, {
      kind: 'directory.permission-set-reached-management-account',
      actor: systemActor('directory'),
      subject: { kind: 'permission-set', id: set.arn },
      after: { name: set.name, openGrants: set.openGrants },
    });
    const id = `permission-set-unreachable.${set.arn.split('/').at(-1)}.${now.getTime()}`;
    for (const { id: userId, displayName, email } of people) {
      await enqueueAlarm(tx, id, { userId, name: displayName, address: email }, alarmOf(set));
    }
  }
}

/** The permission sets that are out of reach at the moment while grants through them are open. */
export async function unreachableSets(tx: Tx, openGrants: CountOpenGrants): Promise<UnreachableSet[]> {
  const { permissionSets } = await permissionSetIndex(tx);
  return unreachable(tx, permissionSets, openGrants);
}

async function unreachable(
  tx: Tx,
  permissionSets: readonly PermissionSet[],
  openGrants: CountOpenGrants,
): Promise<UnreachableSet[]> {
  const inManagement = permissionSets.filter((each) => each.inManagementAccount);
  if (inManagement.length === 0 || !(await readAvailability(tx)).delegated) return [];
  const counts = await openGrants(
    tx,
    inManagement.map(({ arn }) => arn),
  );
  return inManagement.flatMap(({ arn, name }) => {
    const count = counts.get(arn) ?? 0;
    return count > 0 ? [{ arn, name, openGrants: count }] : [];
  });
}

function alarmOf({ arn, name, openGrants }: UnreachableSet): Alarm {
  return {
    subject: `Latchkey can no longer take back access as ${name}`,
    lead: `The permission set ${name} was provisioned to the management account, so AWS lets no delegated administrator change its assignments any more, in any account.`,
    next: 'Remove the permission set from the management account, or end the access by hand from there. Until then Latchkey can neither give nor take back access through it; it keeps trying.',
    facts: [
      { label: 'Permission set', value: name },
      { label: 'ARN', value: arn },
      { label: 'Access that is open', value: String(openGrants) },
    ],
    page: { path: '/admin/directory', label: 'See the directory' },
  };
}
