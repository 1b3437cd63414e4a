import { notGiving, readGiving } from '../access/index.ts';
import type { Person } from '../identity/types.ts';
import type { Tx } from '../platform/db.ts';
import { formatInZone } from '../platform/time.ts';
import { readTimeZone } from '../settings/index.ts';
import type { LayoutData } from '../web/index.ts';
import { RESTORE_PAGE } from './restore-declare.ts';

/** What every page says at its top, to everybody who is signed in, while no access is given. */
export async function givingBanners(tx: Tx, person: Person): Promise<LayoutData['banners']> {
  const stop = await readGiving(tx);
  if (stop === null) return [];
  const { userId, personas } = person;
  if (stop.cause === 'restored') {
    const text =
      'Latchkey was restored from a backup. New access waits until an administrator has looked; you can ask meanwhile.';
    const link = { address: RESTORE_PAGE, label: 'Look at what is uncertain' };
    return [{ kind: 'warning', text, ...(personas.has('admin') ? { link } : {}) }];
  }
  const zone = await readTimeZone(tx, userId);
  const says = notGiving(stop, 'ask', (at) => `${formatInZone(at, zone)}, ${zone}`);
  return [{ kind: 'warning', text: `${says} Why: ${stop.reason}` }];
}
