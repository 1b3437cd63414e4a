import { z } from 'zod';
import { isTimeZone } from '../platform/time.ts';
import { Settings } from './schema.ts';

/** What must be typed to switch approval off for the whole portal. */
export const CONFIRMATION = 'turn approval off';

// A browser sends nothing for a box that is not ticked, and `on` for one that is; a script sends true or false.
const checkbox = z
  .union(
    [z.literal(['on', 'true', '1']).transform(() => true), z.literal(['', 'off', 'false', '0']).transform(() => false)],
    {
      error: 'Tick the box or leave it empty; another value cannot be understood.',
    },
  )
  .default(false);

const wholeMinutes = (least: number, most: number, meaning: string) => {
  const sentence = `${meaning} is a whole number of minutes between ${least} and ${most}.`;
  return z
    .string(sentence)
    .trim()
    .regex(/^\d{1,6}$/, sentence)
    .transform(Number)
    .pipe(z.number().min(least, sentence).max(most, sentence));
};

/** The settings form as a browser sends it, read into settings. The names are those of `Settings`. */
export const SettingsForm = z.object({
  maxDurationMinutes: wholeMinutes(15, 10_080, 'The longest duration'),
  requestExpiryMinutes: wholeMinutes(5, 20_160, 'The waiting time'),
  commentRequired: checkbox,
  ticketRequired: checkbox,
  approvalEnabled: checkbox,
  supportContact: z
    .string('The support contact is one line of text.')
    .trim()
    .max(200, 'The support contact has at most 200 characters.')
    .regex(/^\P{Cc}*$/u, 'The support contact is one line without control characters.')
    .default(''),
  timeZone: z
    .string('Choose a time zone from the list, like Europe/Madrid.')
    .trim()
    .refine(isTimeZone, 'Choose a time zone from the list, like Europe/Madrid.'),
  version: z
    .string('The form is incomplete: reload the page and try again.')
    .regex(/^\d{1,9}$/, 'The form is incomplete: reload the page and try again.')
    .transform(Number),
  confirmation: z.string('The confirmation is a line of text.').trim().default(''),
});

export interface SettingsInput {
  settings: Settings;
  /** The version that the person saw. */
  version: number;
  /** What they typed to confirm that approval goes off. */
  confirmation: string;
}

/** What the form says, apart from the settings themselves. */
export function settingsInput(values: z.output<typeof SettingsForm>): SettingsInput {
  const { version, confirmation, ...settings } = values;
  return { settings: Settings.parse(settings), version, confirmation };
}
