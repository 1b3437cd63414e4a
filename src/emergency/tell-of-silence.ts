import type { Silence } from '../access/index.ts';
import { systemActor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { formatUtc } from '../platform/time.ts';
import { compareOwn } from './restore-store.ts';
import { tellAdmins } from './tell.ts';

const ACTOR = systemActor('access');

/** After a time without Latchkey: asks for what it gave to be compared with AWS, and tells every administrator. */
export async function tellOfSilence(
  platform: Pick<Platform, 'config'>,
  tx: Tx,
  { from, to, due }: Silence,
): Promise<void> {
  await compareOwn(tx, ACTOR);
  await tellAdmins(
    platform,
    tx,
    `silence.${to.getTime()}`,
    {
      subject: 'Latchkey was not running for a while',
      lead: `Latchkey was not running from ${formatUtc(from)} to ${formatUtc(to)}; ${dueInWords(due)}`,
      next: 'What is due is being taken back now, before anything else. New access is given as soon as AWS was asked anew what is there. If a backup of the database was restored, say so now: run “latchkey restored”.',
      facts: [],
      page: { path: '/access/active', label: 'See the access that is open' },
    },
    ACTOR,
  );
}

function dueInWords(due: number): string {
  if (due === 0) return 'no access should have ended meanwhile.';
  return due === 1 ? '1 revoke was due meanwhile.' : `${due} revokes were due meanwhile.`;
}
