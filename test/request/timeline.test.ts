import { describe, expect, it } from 'vitest';
import { collapseRepeats } from '../../src/request/collapse.ts';
import type { TimelineEntry } from '../../src/request/timeline.ts';

/** The newest first, a minute apart, each letter a title. */
function story(letters: string): TimelineEntry[] {
  const now = Date.parse('2026-11-22T12:00:00Z');
  return [...letters].map((title, index) => ({ title, icon: 'info', at: new Date(now - index * 60_000) }));
}

const told = (letters: string) =>
  collapseRepeats(story(letters))
    .map(({ title, times }) => `${title}${times ?? ''}`)
    .join(' ');

describe('repeats in a timeline', () => {
  it.each([
    ['', ''],
    ['abc', 'a b c'],
    ['aab', 'a2 b'],
    ['fafafax', 'f3 a3 x'],
    ['xfafa', 'x f2 a2'],
    ['abcabcabcd', 'a3 b3 c3 d'],
    ['aaaa', 'a4'],
    ['abacabac', 'a2 b2 a2 c2'],
  ])('%j is told as %j', (letters, expected) => {
    expect(told(letters)).toBe(expected);
  });

  it('are told with the newest time and since when', () => {
    const [entry] = collapseRepeats(story('fafafa'));
    expect(entry?.at.toISOString()).toBe('2026-11-22T12:00:00.000Z');
    expect(entry?.since?.toISOString()).toBe('2026-11-22T11:56:00.000Z');
  });

  it('by different people are not the same step', () => {
    const entries = story('aa').map((entry, index) => ({ ...entry, by: `person ${index}` }));
    expect(collapseRepeats(entries)).toHaveLength(2);
  });
});
