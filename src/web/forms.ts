import { z } from 'zod';
import { type FieldErrors, InvalidInputError } from '../platform/errors.ts';

/** What a form sent, as its templates take it to fill the fields again. */
export type Submitted = Record<string, string | string[]>;

export type FormResult<T> = { ok: true; values: T } | { ok: false; errors: FieldErrors; submitted: Submitted };

/** The body as plain text by field, lines ended by \n. Anything that is not text is left out. */
export function submitted(body: unknown): Submitted {
  if (typeof body !== 'object' || body === null) return {};
  const clean = (value: string) => value.replace(/\r\n?/g, '\n');
  const result: Submitted = {};
  for (const [name, value] of Object.entries(body)) {
    if (typeof value === 'string') result[name] = clean(value);
    else if (Array.isArray(value)) result[name] = value.filter((each) => typeof each === 'string').map(clean);
  }
  return result;
}

/** Reads a form: its values, or one sentence for each wrong field together with what was sent. */
export function readForm<Schema extends z.ZodType>(schema: Schema, body: unknown): FormResult<z.output<Schema>> {
  const sent = submitted(body);
  const errors: FieldErrors = {};
  for (const [name, value] of Object.entries(sent)) {
    if ([value].flat().some(isUnstorable)) errors[name] = 'This has characters that cannot be stored. Type it again.';
  }
  const parsed = schema.safeParse(sent, { error: sentenceOf });
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0] ?? 'form');
      errors[name] ??= issue.message;
    }
  }
  if (parsed.success && Object.keys(errors).length === 0) return { ok: true, values: parsed.data };
  return { ok: false, errors, submitted: sent };
}

/** As `readForm`, for where the form is not shown again. Throws `InvalidInputError`. */
export function parseForm<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = readForm(schema, body);
  if (!result.ok) throw new InvalidInputError(result.errors);
  return result.values;
}

/** A line or paragraph that has to be there; `missing` is said where it is left empty. */
export function text({ min = 1, max, missing }: { min?: number; max: number; missing?: string }) {
  return (
    z
      .string()
      .trim()
      .min(1, missing)
      .min(min)
      .max(max)
      // Zod counts halves of characters; people and the database count whole ones.
      .refine((value) => visibleLength(value) >= min, { error: tooShort(min, missing), abort: true })
  );
}

/** A line or paragraph that may be left empty; then it is ''. */
export function optionalText(max: number) {
  return z
    .string()
    .trim()
    .max(max)
    .overwrite((value) => (visibleLength(value) === 0 ? '' : value))
    .default('');
}

/** A field that may be there several times, or not at all. */
export function repeated<Item extends z.ZodType>(item: Item, max = 200) {
  return z.preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(item).max(max));
}

/** Ticked or not: browsers leave out what is not ticked. */
export function checkbox() {
  return z.preprocess((value) => value !== undefined && value !== '' && value !== 'false', z.boolean());
}

/**
 * What fonts draw as nothing: zero-width and direction marks, fillers and variation selectors (Unicode, Default
 * Ignorable Code Points), and four letters and symbols that are blank by their own definition.
 */
const BLANK = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u{2800}\u{13441}\u{13442}\u{1D159}]/gu;

/** How many characters there are to see, spaces between them included; accents with nothing to stand on are none. */
function visibleLength(value: string): number {
  const drawn = value.replace(BLANK, '').trim();
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(drawn) ? [...drawn].length : 0;
}

function tooShort(min: number, missing = 'Fill this in.'): string {
  return min > 1 ? `Write at least ${min} characters.` : missing;
}

/** True for what Postgres or a reader cannot take: control characters and halves of characters. */
function isUnstorable(value: string): boolean {
  return !value.isWellFormed() || /\p{Cc}/u.test(value.replace(/[\t\n\r]/g, ''));
}

/** Plain sentences for what zod finds; a schema's own message goes first. */
function sentenceOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (Array.isArray(issue.input)) return 'Give this once only.';
      return issue.input === undefined || issue.input === '' ? 'Fill this in.' : 'This is not in the expected form.';
    case 'too_small':
      if (issue.origin === 'array') return 'Choose at least one.';
      if (issue.origin !== 'string') return `Use ${issue.minimum} or more.`;
      return issue.input === '' || Number(issue.minimum) <= 1
        ? 'Fill this in.'
        : `Write at least ${issue.minimum} characters.`;
    case 'too_big':
      if (issue.origin === 'array') return `Choose at most ${issue.maximum}.`;
      return issue.origin === 'string' ? `Write at most ${issue.maximum} characters.` : `Use ${issue.maximum} or less.`;
    case 'invalid_value':
      return 'Choose one of the offered values.';
    case 'custom':
      return undefined;
    default:
      return 'This is not in the expected form.';
  }
}
