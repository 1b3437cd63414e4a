import { notGiving, readGiving } from '../access/index.ts';
import type { Tx } from '../platform/db.ts';
import { formatInZone } from '../platform/time.ts';
import { readTimeZone } from '../settings/index.ts';
import type { LayoutData } from '../web/index.ts';

/** What every page says at its top, to everybody who is signed in, while no access is given. */
export async function givingBanners(tx: Tx, userId: string): Promise<LayoutData['banners']> {
  const stop = await readGiving(tx);
  if (stop === null) return [];
  const zone = await readTimeZone(tx, userId);
  const says = notGiving(stop, 'ask', (at) => `${formatInZone(at, zone)}, ${zone}`);
  const why = stop.cause === 'stopped' ? ` Why: ${stop.reason}` : '';
  return [{ kind: 'warning', text: `${says}${why}` }];
}
