import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { submitted, text } from '../web/index.ts';

/** The form as it is filled in, so that it can be shown again. */
export interface ExtensionValues {
  durationMinutes: string;
  customMinutes: string;
  comment: string;
  formKey: string;
}

/** What is sent: how much longer, and why. */
export const ExtensionForm = z.object({
  durationMinutes: z.coerce
    .number('Choose how much longer, in whole minutes.')
    .int('Give whole minutes.')
    .min(1, 'Choose at least one minute.')
    .max(1_000_000, 'That is longer than anyone may ask for.'),
  comment: text({ min: 10, max: 2000, missing: 'Say what you still have to do.' }),
  // A script need not send it; then each post is a request of its own.
  formKey: z.uuid().catch(() => randomUUID()),
});

/** A form to begin with, or as it was sent. */
export function extensionValues(sent: unknown): ExtensionValues {
  const given = submitted(sent);
  const one = (name: string) => ([given[name] ?? ''].flat()[0] ?? '').replaceAll('\0', '');
  return {
    durationMinutes: one('durationMinutes').slice(0, 10),
    customMinutes: one('customMinutes').slice(0, 10),
    comment: one('comment').slice(0, 4000),
    formKey: z.uuid().safeParse(one('formKey')).data ?? randomUUID(),
  };
}
