import { countOpenGrants } from '../access/index.ts';
import { unreachableSets } from '../directory/index.ts';
import { countOpenFindings } from '../drift/index.ts';
import type { Tx } from '../platform/db.ts';
import { countStalePolicies, countWaitingChanges } from '../policy/index.ts';
import { countWaitingSettings } from '../settings/index.ts';

/** Something for an administrator to do, as a sentence, and the page on which to do it. */
export interface AdminTask {
  says: string;
  address: string;
}

/** What waits for this administrator, the most pressing first; what only others may confirm is not there. */
export async function adminTasks(tx: Tx, userId: string): Promise<AdminTask[]> {
  const tasks: AdminTask[] = [];
  for (const { name, openGrants } of await unreachableSets(tx, countOpenGrants)) {
    const held = openGrants === 1 ? 'one open access through it' : `${openGrants} open accesses through it`;
    const says = `${name} was provisioned to the management account: Latchkey cannot take back ${held}`;
    tasks.push({ says, address: '/admin/directory' });
  }
  const changes = await countWaitingChanges(tx, userId);
  if (changes > 0) tasks.push({ says: waits(changes, 'policy'), address: '/admin/policy-changes' });
  const settings = await countWaitingSettings(tx, userId);
  if (settings > 0) tasks.push({ says: waits(settings, 'settings'), address: '/admin/settings' });
  const found = await countOpenFindings(tx);
  if (found > 0) {
    const says = `${found === 1 ? '1 difference' : `${found} differences`} from AWS ${found === 1 ? 'waits' : 'wait'} for your decision`;
    tasks.push({ says, address: '/admin/drift' });
  }
  for (const { count, words, address } of await countStalePolicies(tx)) {
    tasks.push({ says: `${count} ${words} ${count === 1 ? 'names' : 'name'} what no longer exists`, address });
  }
  return tasks;
}

function waits(count: number, of: string): string {
  return count === 1
    ? `1 ${of} change waits for your confirmation`
    : `${count} ${of} changes wait for your confirmation`;
}
