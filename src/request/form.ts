import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { FieldErrors } from '../platform/errors.ts';
import { parseLocalTime, whyNoInstant } from '../platform/time.ts';
import { optionalText, readForm, submitted, text } from '../web/index.ts';
import type { Submission } from './types.ts';

/** The form as it is filled in, so that it can be shown again. */
export interface FormValues {
  accountId: string;
  permissionSetArn: string;
  startsAt: string;
  durationMinutes: string;
  customMinutes: string;
  ticket: string;
  justification: string;
  formKey: string;
  /** What accounts are searched for. */
  q: string;
  /** What roles are searched for. */
  roleQuery: string;
  /** The account whose roles the form shows, so that an answer knows whether it has to show others. */
  rolesOf: string;
}

/** For times that the clocks pass twice: the two that a person chooses between. */
export type StartChoices = { value: string; label: string }[];

export type FormInput =
  | { ok: true; submission: Submission; values: FormValues }
  | { ok: false; errors: FieldErrors; values: FormValues; startChoices: StartChoices };

const Minutes = z.coerce
  .number('Give the duration in whole minutes.')
  .int('Give the duration in whole minutes.')
  .min(1, 'Choose at least one minute.')
  .max(1_000_000, 'That is longer than anyone may ask for.');

const Form = z.object({
  accountId: z.string('Choose an account.').regex(/^\d{12}$/, 'Choose an account.'),
  permissionSetArn: z.string('Choose a role.').min(1, 'Choose a role.').max(200, 'Choose a role.'),
  startsAt: z.string('Give one start, or none.').default(''),
  durationMinutes: Minutes,
  ticket: optionalText(100),
  justification: text({ min: 10, max: 2000, missing: 'Say what you are going to do.' }),
  // A script need not send it; then each post is a request of its own.
  formKey: z.uuid().catch(() => randomUUID()),
});

/** A form to begin with: what the address says. */
export function formValues(query: unknown): FormValues {
  const given = submitted(query);
  // What is looked up must be something that the database can hold; for storing, the form's own check refuses it.
  const one = (name: string) => ([given[name] ?? ''].flat()[0] ?? '').replaceAll('\0', '');
  return {
    accountId: one('accountId').slice(0, 20),
    permissionSetArn: one('permissionSetArn').slice(0, 200),
    startsAt: one('startsAt').slice(0, 40),
    durationMinutes: one('durationMinutes').slice(0, 10),
    customMinutes: one('customMinutes').slice(0, 10),
    ticket: one('ticket').slice(0, 200),
    justification: one('justification').slice(0, 4000),
    formKey: z.uuid().safeParse(one('formKey')).data ?? randomUUID(),
    q: one('q').slice(0, 200),
    roleQuery: one('roleQuery').slice(0, 200),
    rolesOf: one('rolesOf').slice(0, 20),
  };
}

/** Reads the form: what is asked for, or one sentence for each wrong field. Start is local to `timeZone`. */
export function readRequestForm(body: unknown, timeZone: string): FormInput {
  const values = formValues(body);
  const sent = submitted(body);
  const result = readForm(Form, { ...sent, durationMinutes: values.customMinutes || sent.durationMinutes });
  const errors: FieldErrors = result.ok ? {} : result.errors;
  const start = readStart(values.startsAt, timeZone);
  if (start.error && !errors.startsAt) errors.startsAt = start.error;
  if (!result.ok || Object.keys(errors).length > 0) {
    return { ok: false, errors, values, startChoices: start.choices };
  }
  return { ok: true, submission: { ...result.values, startsAt: start.at }, values };
}

export interface Start {
  at: Date | null;
  error: string;
  choices: StartChoices;
}

/** The start that was typed; empty means as soon as possible. */
export function readStart(typed: string, timeZone: string): Start {
  if (typed.trim() === '') return { at: null, error: '', choices: [] };
  const text = typed.trim();
  const time = parseLocalTime(text, timeZone);
  if (time.kind === 'instant') return { at: time.at, error: '', choices: [] };
  const { error, choices } = whyNoInstant(text, time, timeZone);
  return {
    at: null,
    error,
    choices: choices.map(({ offset, label }) => ({ value: `${text.slice(0, 16)}${offset}`, label })),
  };
}
