import { type Attention, readAttention } from '../access/index.ts';
import type { Person } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import type { LayoutData } from '../web/index.ts';
import { troubles } from './words.ts';

/** From so late on every page of an administrator says it. */
const BANNER_AFTER_MS = 5 * 60_000;

/** What every page of an administrator shows of overdue access: the number beside Health, and a banner. */
export async function healthNotices(tx: Tx, person: Person): Promise<Pick<LayoutData, 'counts' | 'banners'>> {
  if (!person.personas.has('admin')) return { counts: {}, banners: [] };
  const attention = await readAttention(tx);
  return { counts: { '/admin/health': attention.overdue }, banners: bannersOf(attention) };
}

function bannersOf(attention: Attention): LayoutData['banners'] {
  const { oldestDueAt, cannotRevoke, now } = attention;
  const late = oldestDueAt !== null && now.getTime() - oldestDueAt.getTime() > BANNER_AFTER_MS;
  if (!late && cannotRevoke === 0) return [];
  return [
    { kind: 'warning', text: troubles(attention).join(' '), link: { address: '/admin/health', label: 'See Health' } },
  ];
}
