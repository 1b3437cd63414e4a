import { expect, test } from 'vitest';
import { z } from 'zod';
import { InvalidInputError } from '../../src/platform/errors.ts';
import { checkbox, optionalText, parseForm, readForm, repeated, submitted, text } from '../../src/web/index.ts';

const Form = z.object({
  justification: text({ min: 10, max: 20 }),
  ticket: optionalText(5),
  durationMinutes: z.coerce.number().int().min(15).max(60),
  kind: z.enum(['a', 'b']),
  principals: repeated(z.string().regex(/^(USER|GROUP):/), 2),
  nested: checkbox(),
});
const good = {
  justification: ' long enough \r\n',
  durationMinutes: '30',
  kind: 'a',
  principals: 'USER:1',
  nested: 'true',
};

test('a form that is right gives its values, trimmed and typed', () => {
  expect(readForm(Form, good)).toEqual({
    ok: true,
    values: {
      justification: 'long enough',
      ticket: '',
      durationMinutes: 30,
      kind: 'a',
      principals: ['USER:1'],
      nested: true,
    },
  });
});

test('repeated and unticked fields may be absent', () => {
  const { principals: _p, nested: _n, ...rest } = good;
  expect(parseForm(Form, rest)).toMatchObject({ principals: [], nested: false });
});

test.each([
  ['nothing', { justification: '' }, 'justification', 'Fill this in.'],
  ['spaces only', { justification: '            ' }, 'justification', 'Fill this in.'],
  ['too little', { justification: 'short' }, 'justification', 'Write at least 10 characters.'],
  ['too much', { justification: 'x'.repeat(21) }, 'justification', 'Write at most 20 characters.'],
  ['the same field twice', { justification: ['long enough', 'long enough'] }, 'justification', 'Give this once only.'],
  ['a number that is too large', { durationMinutes: '61' }, 'durationMinutes', 'Use 60 or less.'],
  ['a number that is too small', { durationMinutes: '1' }, 'durationMinutes', 'Use 15 or more.'],
  ['no number', { durationMinutes: 'soon' }, 'durationMinutes', 'This is not in the expected form.'],
  ['a choice that was not offered', { kind: 'c' }, 'kind', 'Choose one of the offered values.'],
  ['too many choices', { principals: ['USER:1', 'USER:2', 'USER:3'] }, 'principals', 'Choose at most 2.'],
  ['a NUL', { ticket: 'a\u0000' }, 'ticket', 'This has characters that cannot be stored. Type it again.'],
  ['half a character', { ticket: '\ud800' }, 'ticket', 'This has characters that cannot be stored. Type it again.'],
])('%s is refused with one sentence at the field', (_what, change, field, sentence) => {
  const result = readForm(Form, { ...good, ...change });
  expect(result).toMatchObject({ ok: false, errors: { [field]: sentence } });
  expect(Object.keys(result.ok ? {} : result.errors)).toEqual([field]);
});

test('a body that is no form misses everything, and nothing breaks', () => {
  for (const body of [undefined, null, 'text', 7, []]) {
    expect(() => parseForm(Form, body)).toThrow(InvalidInputError);
  }
});

test('what was sent comes back as it was, for the form to be filled again', () => {
  expect(submitted({ a: 'x\r\ny', b: ['1', '2'], c: 7, _csrf: 't' })).toEqual({ a: 'x\ny', b: ['1', '2'], _csrf: 't' });
});
