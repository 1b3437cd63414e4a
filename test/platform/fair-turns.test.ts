import { expect, test } from 'vitest';
import { createFairTurns } from '../../src/platform/fair-turns.ts';

test('one owner with many never makes another wait behind all of them', () => {
  const turns = createFairTurns<string>();
  for (const thing of ['a1', 'a2', 'a3', 'a4']) turns.add('a', thing);
  for (const thing of ['b1', 'b2']) turns.add('b', thing);
  turns.add('c', 'c1');
  const order: string[] = [];
  for (let next = turns.next(); next !== undefined; next = turns.next()) {
    order.push(next);
    turns.take(next.charAt(0), next);
  }
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
});

test('who leaves takes no turn from anybody, and is no longer counted', () => {
  const turns = createFairTurns<string>();
  turns.add('a', 'a1');
  turns.add('a', 'a2');
  turns.add('b', 'b1');
  turns.add('a', 'a1');
  expect(turns.size).toBe(3);
  expect(turns.drop('a', 'a1')).toBe(true);
  expect(turns.drop('a', 'a1')).toBe(false);
  expect(turns.take('nobody', 'x')).toBe(false);
  expect([turns.size, turns.next()]).toEqual([2, 'a2']);
});
