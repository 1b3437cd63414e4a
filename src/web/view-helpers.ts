import { formatInZone, formatMinutes, formatUtc } from '../platform/time.ts';

/** What every template may call, as properties of `it`. */
export interface ViewHelpers {
  timeZone: string;
  /** The three forms of an instant that `_time` prints. */
  time(at: Date): { utc: string; local: string; title: string };
  /** 45 min, 2 h, 1 h 30 min. */
  minutes(count: number): string;
  /** The address of a file that pages load. */
  asset(name: string): string;
  /** The address with some query parameters changed; null or '' removes one. */
  withQuery(address: string, changes: Record<string, string | null>): string;
  /** plural(2, 'request') is '2 requests'. */
  plural(count: number, one: string, many?: string): string;
}

export function createViewHelpers(timeZone: string, asset: (name: string) => string): ViewHelpers {
  return {
    timeZone,
    time: (at) => ({
      utc: formatUtc(at),
      local: formatInZone(at, timeZone),
      title: `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    }),
    minutes: formatMinutes,
    asset,
    withQuery,
    plural: (count, one, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`,
  };
}

/** The address with some query parameters changed; null or '' removes one. The cursor goes: it belongs to the old list. */
export function withQuery(address: string, changes: Record<string, string | null>): string {
  const url = new URL(address, 'http://local.invalid');
  url.searchParams.delete('cursor');
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return `${url.pathname}${url.search}`;
}
