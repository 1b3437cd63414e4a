import { expect, test, vi } from 'vitest';
import { createRunner } from '../../src/access/runner.ts';

/** Work that goes on until the process stops, and which of it was begun. */
function endless(asks: boolean) {
  const begun: string[] = [];
  const runner = createRunner((id, { signal, asked }) => {
    begun.push(id);
    if (asks) asked();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  });
  return { begun, runner };
}

const ids = Array.from({ length: 300 }, (_, index) => `assignment ${index}`);

test('whatever ends is asked of AWS before what was asked is waited for', async () => {
  const { begun, runner } = endless(true);
  for (const id of ids) runner.wake(id, 'take');
  expect(begun).toEqual(ids);
  await runner.stop();
});

test('who waits for a token stays in the lane, and the next one starts when it is free', async () => {
  const leave = new Map<string, () => void>();
  const runner = createRunner((id) => new Promise((resolve) => leave.set(id, resolve)));
  for (const id of ids) runner.wake(id, 'take');
  const room = leave.size;
  expect(room).toBeLessThan(ids.length);
  leave.get(ids[0]!)!();
  await vi.waitFor(() => expect([...leave.keys()]).toEqual(ids.slice(0, room + 1)));
  const stopped = runner.stop();
  for (const each of leave.values()) each();
  await stopped;
  expect(leave.size).toBe(room + 1);
});

test('however many wait for AWS, there is an end to it', async () => {
  const { begun, runner } = endless(true);
  for (let index = 0; index < 2_000; index += 1) runner.wake(`assignment ${index}`, 'take');
  expect(begun.length).toBeGreaterThan(1_000);
  expect(begun.length).toBeLessThan(1_200);
  await runner.stop();
});
