import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { toBeTyped } from '../../src/emergency/scope.ts';
import { typed } from '../../src/platform/command-line.ts';

function terminal() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const shown = () => String(output.read() ?? '');
  return { input, output, shown };
}

test('the command line says what has to be typed, and takes the line that is typed', async () => {
  const { shown, ...streams } = terminal();
  const answer = typed(toBeTyped('END ALL'), streams);
  expect(shown()).toContain('Type END ALL in capital letters to go on: ');
  streams.input.write('END ALL\n');
  expect(await answer).toBe('END ALL');
});

test('who closes the terminal, or stops the command, has typed nothing', async () => {
  const { shown: _, ...streams } = terminal();
  const closed = typed('lena', streams);
  streams.input.end();
  expect(await closed).toBe('');

  const stopping = new AbortController();
  const { shown: __, ...others } = terminal();
  const stopped = typed('lena', { ...others, signal: stopping.signal });
  stopping.abort();
  expect(await stopped).toBe('');
});

test('only words in capital letters are said to be so', () => {
  expect(['STOP', 'lena.fischer', '111122223333', 'O’Hara'].map(toBeTyped)).toEqual([
    'STOP in capital letters',
    'lena.fischer',
    '111122223333',
    'O’Hara',
  ]);
});
