import type { Platform } from '../platform/index.ts';
import { type EventFilter, newestEvents, readingState, type StoredEvent } from './store.ts';

/** What the request page shows of the activity. */
export interface ActivitySection {
  configured: boolean;
  requestId: string;
  filter: EventFilter;
  events: StoredEvent[];
  total: number;
  /** Up to when every Region was read; null: not yet. */
  readUntil: Date | null;
  problems: { region: string; error: string }[];
  regions: string[];
}

/** So many events are on the page; all of them are in the CSV. */
const SHOWN = 100;

/** The view of `activity/_section`. The caller has made sure that the reader may see the request. */
export async function activitySection(
  { config, db }: Platform,
  requestId: string,
  filter: EventFilter,
): Promise<ActivitySection> {
  const [{ events, total }, regions] = await Promise.all([
    newestEvents(db.prisma, requestId, filter, SHOWN),
    readingState(db.prisma, requestId),
  ]);
  const read = regions.map((each) => each.readUntil?.getTime() ?? 0);
  const oldest = read.length === 0 ? 0 : Math.min(...read);
  return {
    configured: config.activity !== null,
    requestId,
    filter,
    events,
    total,
    readUntil: oldest === 0 ? null : new Date(oldest),
    problems: regions.flatMap(({ region, lastError }) => (lastError === null ? [] : [{ region, error: lastError }])),
    regions: config.activity?.regions ?? [],
  };
}
