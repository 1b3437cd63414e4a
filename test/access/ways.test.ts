import { expect, test } from 'vitest';
import { problemOf } from '../../src/access/aws-errors.ts';
import { WAYS } from '../../src/access/ways.ts';
import { projectFile } from '../project/files.ts';

test('the architecture page shows the table of faults as the code has it', () => {
  const [, section = ''] = projectFile('docs/architecture.md').split('| fault | what AWS does |');
  const rows = section
    .split('\n\n', 1)[0]!
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, name, aws, give, take]) => [name, aws, give, take]);
  expect(rows).toEqual(Object.entries(WAYS).map(([name, { aws, give, take }]) => [name, aws, give, take]));
});

const failure = (name: string, more: object = {}) => Object.assign(new Error('text'), { name }, more);

test.each([
  ['ThrottlingException', 'busy', 'none', false],
  ['TooManyRequestsException', 'busy', 'none', false],
  ['ConflictException', 'conflict', 'none', false],
  ['InternalServerException', 'away', 'unknown', false],
  ['TimeoutError', 'no-answer', 'unknown', false],
  ['AbortError', 'no-answer', 'unknown', false],
  ['ResourceNotFoundException', 'gone', 'none', true],
  ['AccessDeniedException', 'forbidden', 'none', true],
  ['ServiceQuotaExceededException', 'quota', 'none', true],
  ['ValidationException', 'invalid', 'none', true],
  ['ExpiredTokenException', 'credentials', 'none', false],
  ['NeverSeenBefore', 'other', 'unknown', false],
] as const)('%s is met as "%s"', (name, kind, effect, permanent) => {
  expect(problemOf(failure(name))).toEqual({ kind, effect, permanent, words: WAYS[kind].words, text: 'text' });
});

test.each(['ResourceNotFoundException', 'AccessDeniedException', 'ValidationException', 'ThrottlingException'])(
  '%s about the key of Identity Center is neither final nor taken for gone',
  (name) => {
    const problem = problemOf(failure(name, { Reason: 'KMS_NotFoundException' }));
    expect(problem).toMatchObject({ kind: 'key', effect: 'none', permanent: false });
  },
);
