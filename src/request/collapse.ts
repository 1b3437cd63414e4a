import type { TimelineEntry } from './timeline.ts';

/** Steps that come again and again together: the call, AWS's progress, its refusal. */
const LONGEST_ROUND = 4;

/**
 * The same story with each run of repeats told once: every entry of the round as it was the newest time, with how often
 * and since when. Takes and gives the newest first. Pure.
 */
export function collapseRepeats(entries: TimelineEntry[]): TimelineEntry[] {
  const told: TimelineEntry[] = [];
  let at = 0;
  while (at < entries.length) {
    const { length, times } = roundAt(entries, at);
    for (let index = at; index < at + length; index++) {
      const entry = entries[index];
      const first = entries[index + length * (times - 1)];
      if (entry && first) told.push(times > 1 ? { ...entry, times, since: first.at } : entry);
    }
    at += length * times;
  }
  return told;
}

/** The round that repeats from here on over the most entries; one entry, once, where nothing repeats. */
function roundAt(entries: TimelineEntry[], at: number): { length: number; times: number } {
  let best = { length: 1, times: 1 };
  for (let length = 1; length <= LONGEST_ROUND; length++) {
    let times = 1;
    while (isSameRound(entries, at, at + length * times, length)) times++;
    if (times > 1 && length * times > best.length * best.times) best = { length, times };
  }
  return best;
}

function isSameRound(entries: TimelineEntry[], one: number, other: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    const [a, b] = [entries[one + index], entries[other + index]];
    if (!a || !b || a.title !== b.title || a.by !== b.by) return false;
  }
  return true;
}
