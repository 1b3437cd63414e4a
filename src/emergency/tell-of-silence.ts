import type { Silence } from '../access/index.ts';
import { systemActor } from '../audit/index.ts';
import { otherAdmins } from '../identity/index.ts';
import { enqueueAlarm } from '../notify/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { formatUtc } from '../platform/time.ts';
import { askForComparison } from './restore-store.ts';

/** After a time without Latchkey: asks for what it gave to be compared with AWS, and tells every administrator. */
export async function tellOfSilence(
  platform: Pick<Platform, 'config'>,
  tx: Tx,
  { from, to, due }: Silence,
): Promise<void> {
  await askForComparison(tx, 'own', null, systemActor('access'));
  for (const { id: userId, displayName: name, email: address } of await otherAdmins(platform, tx, null)) {
    await enqueueAlarm(
      tx,
      `silence.${to.getTime()}`,
      { userId, name, address },
      {
        subject: 'Latchkey was not running for a while',
        lead: `Latchkey was not running from ${formatUtc(from)} to ${formatUtc(to)}; ${dueInWords(due)}`,
        next: 'What is due is being taken back now, before anything else. New access is given as soon as AWS was asked anew what is there. If a backup of the database was restored, say so now: run “latchkey restored”.',
        facts: [],
        page: { path: '/access/active', label: 'See the access that is open' },
      },
    );
  }
}

function dueInWords(due: number): string {
  if (due === 0) return 'no access should have ended meanwhile.';
  return due === 1 ? '1 revoke was due meanwhile.' : `${due} revokes were due meanwhile.`;
}
