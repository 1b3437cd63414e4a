import { z } from 'zod';
import { isTimeZone } from '../platform/time.ts';
import { repeated } from '../web/index.ts';
import { MAIL_TOPICS, type MailTopic } from './mail-topics.ts';
import type { Preferences } from './preferences-store.ts';

const ZONE = 'Choose a time zone from the list, like Europe/Madrid, or leave it empty for the portal’s.';

/** What the choice of each topic says. */
export const TOPIC_WORDS: Record<MailTopic, { label: string; hint: string }> = {
  'to-decide': {
    label: 'Requests that I can decide',
    hint: 'When one waits for me, and when its requester takes it back.',
  },
  'decided-by-another': {
    label: 'Decided by another',
    hint: 'A copy when another approver decides what I could have decided.',
  },
  'own-requests': { label: 'My requests', hint: 'When one is submitted, approved, rejected or expires.' },
  'own-access': {
    label: 'My access',
    hint: 'When it is scheduled, starts, ends in 15 minutes or has ended.',
  },
};

/**
 * The form sends the mail that a person wants: boxes are easier to understand ticked for yes. What is not sent stays
 * as it is.
 */
export const PreferencesForm = z
  .object({
    timeZone: z
      .string(ZONE)
      .trim()
      .refine((name) => name === '' || isTimeZone(name), ZONE)
      .optional(),
    // The form sends an empty one too, by which no box ticked differs from no word about mail.
    mail: repeated(z.enum([...MAIL_TOPICS, ''], 'Choose among the mails that are offered.')),
  })
  .transform(
    ({ timeZone, mail }): Partial<Preferences> => ({
      ...(timeZone === undefined ? {} : { timeZone: timeZone === '' ? null : timeZone }),
      ...(mail.length === 0 ? {} : { muted: MAIL_TOPICS.filter((topic) => !mail.includes(topic)) }),
    }),
  );
