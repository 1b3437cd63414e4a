import { formatMinutes } from '../platform/time.ts';

const PART = /^(?:(\d{1,2}) ?d(?:ays?)?)? ?(?:(\d{1,3}) ?h(?:ours?)?)? ?(?:(\d{1,5}) ?(?:m|min|minutes?)?)?$/i;

/** What people type for some lengths of time, like `30, 1h 30, 2 h`, in minutes, ascending, each once; null where it cannot be read. */
export function parseDurations(text: string): number[] | null {
  const minutes = new Set<number>();
  for (const part of text.split(/[,;\n]/).map((each) => each.trim().replace(/\s+/g, ' '))) {
    if (part === '') continue;
    const found = PART.exec(part);
    if (found === null) return null;
    const [days, hours, rest] = found.slice(1).map((digits) => Number(digits ?? 0));
    minutes.add((days ?? 0) * 1440 + (hours ?? 0) * 60 + (rest ?? 0));
  }
  return [...minutes].toSorted((a, b) => a - b);
}

/** As `parseDurations` reads it. */
export function formatDurations(minutes: readonly number[]): string {
  return minutes.map(formatMinutes).join(', ');
}
