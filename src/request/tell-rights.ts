import type { Grant } from '../access/index.ts';
import { otherAdmins } from '../identity/index.ts';
import { type Alarm, enqueueAlarm } from '../notify/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';

/** More than so many at once, and more than half of all, is what administrators hear of. */
const MANY = 20;
/** A mail lists no more. */
const LISTED = 20;
const PAGE = { path: '/access/active', label: 'See who has access' };

export function isMass(lost: number, judged: number): boolean {
  return lost > MANY && lost > judged / 2;
}

/** Says that much access is taken away at once: it is due, and somebody should know that something happened. */
export async function tellOfMass(platform: Platform, tx: Tx, lost: number, judged: number): Promise<void> {
  await tellAdmins(platform, tx, 'rights-lost-by-many', {
    subject: `Latchkey takes away ${lost} accesses at once, because eligibility was lost`,
    lead: `${lost} of ${judged} running accesses rest on no policy any more, so Latchkey takes them away now.`,
    next: 'If that was not meant, look at what changed in groups and policies, and mend it: people can then ask again.',
    facts: [
      { label: 'Taken away', value: String(lost) },
      { label: 'Running before', value: String(judged) },
    ],
    page: PAGE,
  });
}

/** Says whose access runs on though they lost the right to it. Nothing for nobody. */
export async function tellOfLost(
  platform: Platform,
  tx: Tx,
  lost: readonly { grant: Grant; why: string }[],
): Promise<void> {
  const [first] = lost;
  if (first === undefined) return;
  const { grant } = first;
  const facts = lost.slice(0, LISTED).map((each) => ({ label: each.grant.userDisplayName, value: each.why }));
  if (lost.length > LISTED) facts.push({ label: 'And', value: `${lost.length - LISTED} more` });
  await tellAdmins(platform, tx, `rights-lost.${grant.id}`, {
    subject:
      lost.length === 1
        ? `${grant.userDisplayName} is no longer eligible for ${grant.permissionSetName} in ${grant.accountName}`
        : `${lost.length} accesses run on though eligibility was lost`,
    lead:
      lost.length === 1
        ? `${first.why} The access runs on to its end, as the setting “When eligibility is lost” says.`
        : 'Their holders lost the right to them. They run on to their end, as the setting “When eligibility is lost” says.',
    next: 'Revoke what should end now on its page.',
    facts,
    page: lost.length === 1 ? { path: `/requests/${grant.requestId}`, label: 'Open the request' } : PAGE,
  });
}

async function tellAdmins(platform: Platform, tx: Tx, id: string, alarm: Alarm): Promise<void> {
  const occasion = `${id}.${(await appNow(tx)).getTime()}`;
  for (const { id: userId, displayName: name, email: address } of await otherAdmins(platform, tx, null)) {
    await enqueueAlarm(tx, occasion, { userId, name, address }, alarm);
  }
}
