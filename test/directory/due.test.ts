import { expect, test } from 'vitest';
import { dueKinds } from '../../src/directory/due.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const due = (standing: { started?: Date; succeeded?: Date; failed?: Date }, asked: string[] = []) =>
  dueKinds(
    ['users'],
    [
      {
        kind: 'users',
        startedAt: standing.started ?? null,
        succeededAt: standing.succeeded ?? null,
        failedAt: standing.failed ?? null,
      },
    ],
    new Set(asked),
    NOW,
  );

test('a kind that was never copied is due', () => {
  expect(dueKinds(['users', 'groups'], [], new Set(), NOW)).toEqual(['users', 'groups']);
});

test('a fresh copy is left alone until ten minutes have nearly passed since it began', () => {
  expect(due({ started: ago(2), succeeded: ago(1) })).toEqual([]);
  expect(due({ started: ago(9.5), succeeded: ago(8) })).toEqual(['users']);
});

test('what somebody asked for is due however fresh the copy is', () => {
  expect(due({ started: ago(2), succeeded: ago(1) }, ['users'])).toEqual(['users']);
  expect(due({ started: ago(2), succeeded: ago(1) }, ['groups'])).toEqual([]);
});

test('a run that ended in failure waits for its turn, one that died with its process does not', () => {
  expect(due({ started: ago(2), succeeded: ago(30), failed: ago(1) })).toEqual([]);
  expect(due({ started: ago(2), succeeded: ago(30), failed: ago(20) })).toEqual(['users']);
});
