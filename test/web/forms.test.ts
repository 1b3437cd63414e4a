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

const BLANK = [
  ['zero-width space', 0x200b],
  ['right-to-left mark', 0x200f],
  ['soft hyphen', 0xad],
  ['Hangul filler', 0x3164],
  ['Hangul choseong filler', 0x115f],
  ['Hangul jungseong filler', 0x1160],
  ['halfwidth Hangul filler', 0xffa0],
  ['blank braille pattern', 0x2800],
  ['variation selector', 0xfe0f],
  ['variation selector supplement', 0xe0100],
  ['combining grapheme joiner', 0x34f],
  ['Mongolian vowel separator', 0x180e],
  ['tag space', 0xe0020],
  ['blank hieroglyph', 0x13441],
  ['half blank hieroglyph', 0x13442],
  ['null notehead', 0x1d159],
  ['no-break space', 0xa0],
  ['ideographic space', 0x3000],
  ['accent with nothing to stand on', 0x301],
  ['private character', 0xe000],
] as const;

test.each(BLANK)('a %s is nothing to read, neither as a justification nor as a ticket', (_what, code) => {
  const character = String.fromCodePoint(code);
  const missing = z.object({
    justification: text({ min: 10, max: 40, missing: 'Say why.' }),
    ticket: optionalText(40),
  });
  expect(readForm(missing, { justification: character.repeat(12), ticket: '' })).toMatchObject({ ok: false });
  expect(readForm(missing, { justification: `a ${character.repeat(9)}`, ticket: '' })).toMatchObject({
    ok: [0x301, 0xe000].includes(code),
  });
  expect(parseForm(missing, { justification: 'long enough', ticket: ` ${character} ${character}` }).ticket).toBe('');
});

test.each([
  'a family 👨‍👩‍👧 moves',
  'ﷺ und اَلْعَرَبِيَّةُ',
  '‏שלום עולם שלום',
  '北京市朝阳区建国路八十八号',
  '안녕하세요 여러분들',
  '!!!!!!!!!!!!',
])('%s is to be read', (justification) => {
  const form = z.object({ justification: text({ min: 10, max: 40 }), ticket: optionalText(40) });
  expect(parseForm(form, { justification, ticket: justification }).ticket).toBe(justification);
});

test('a body that is no form misses everything, and nothing breaks', () => {
  for (const body of [undefined, null, 'text', 7, []]) {
    expect(() => parseForm(Form, body)).toThrow(InvalidInputError);
  }
});

test('what was sent comes back as it was, for the form to be filled again', () => {
  expect(submitted({ a: 'x\r\ny', b: ['1', '2'], c: 7, _csrf: 't' })).toEqual({ a: 'x\ny', b: ['1', '2'], _csrf: 't' });
});
