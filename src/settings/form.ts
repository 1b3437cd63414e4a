import { z } from 'zod';
import { isTimeZone } from '../platform/time.ts';
import { formatDurations, parseDurations } from './durations.ts';
import type { Settings } from './schema.ts';
import { linkMistake, patternMistake } from './ticket.ts';

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

/** A line that may be empty. Not sent at all, the setting stays as it is. */
const line = (meaning: string, most: number) =>
  z
    .string(`${meaning} is one line of text.`)
    .trim()
    .max(most, `${meaning} has at most ${most} characters.`)
    .regex(/^\P{Cc}*$/u, `${meaning} is one line without control characters.`);

/** Refuses what `mistake` finds a sentence for. */
const unless = (mistake: (text: string) => string | null) => (context: z.core.ParsePayload<string>) => {
  const message = mistake(context.value);
  if (message !== null) context.issues.push({ code: 'custom', message, input: context.value });
};

const DURATIONS = 'Give durations between 1 minute and 7 days, separated by commas, like 30, 1h 30, 4h.';

/** The settings form as a browser sends it, read into settings. The names are those of `Settings`. */
export const SettingsForm = z.object({
  maxDurationMinutes: wholeMinutes(15, 10_080, 'The longest duration'),
  allowedDurationsMinutes: z
    .union([z.string(), z.array(z.string()).transform((each) => each.join(','))])
    .transform((typed) => parseDurations(typed))
    .pipe(z.array(z.int().min(1, DURATIONS).max(10_080, DURATIONS), DURATIONS).max(20, 'Give at most 20 durations.'))
    .optional(),
  requestExpiryMinutes: wholeMinutes(5, 20_160, 'The waiting time'),
  commentRequired: checkbox,
  ticketRequired: checkbox,
  ticketPattern: line('The pattern', 200).check(unless(patternMistake)).optional(),
  ticketExample: line('The example', 100).optional(),
  ticketLink: line('The link', 500).check(unless(linkMistake)).optional(),
  approvalEnabled: checkbox,
  onEligibilityLost: z.enum(['revoke', 'tell'], 'Choose one of the two.').optional(),
  policyTicketRequired: checkbox,
  secondAdminRequired: checkbox,
  announcement: z
    .string('The announcement is text.')
    .trim()
    .max(500, 'The announcement has at most 500 characters.')
    .refine((text) => text.split('\n').length <= 10, 'The announcement has at most 10 lines.')
    .optional(),
  supportContact: line('The support contact', 200).optional(),
  timeZone: z
    .string('Choose a time zone from the list, like Europe/Madrid.')
    .trim()
    .refine(isTimeZone, 'Choose a time zone from the list, like Europe/Madrid.'),
  mailPaused: checkbox,
  version: z
    .string('The form is incomplete: reload the page and try again.')
    .regex(/^\d{1,9}$/, 'The form is incomplete: reload the page and try again.')
    .transform(Number),
  confirmation: z.string('The confirmation is a line of text.').trim().default(''),
});

export interface SettingsInput {
  /** What was sent; what was not stays as it is. */
  settings: Partial<Settings>;
  /** The version that the person saw. */
  version: number;
  /** What they typed to confirm that approval goes off. */
  confirmation: string;
}

/** What the form says, apart from the settings themselves. */
export function settingsInput(values: z.output<typeof SettingsForm>): SettingsInput {
  const { version, confirmation, ...sent } = values;
  const settings: Partial<Settings> = Object.fromEntries(
    Object.entries(sent).filter(([, value]) => value !== undefined),
  );
  return { settings, version, confirmation };
}

/** The settings as the form's fields hold them. */
export function fieldsOf(settings: Settings): Record<string, string | number | boolean> {
  return { ...settings, allowedDurationsMinutes: formatDurations(settings.allowedDurationsMinutes) };
}
