import { z } from 'zod';
import { isTimeZone } from '../platform/time.ts';
import { linkMistake, patternMistake } from './ticket.ts';

/** What an admin changes while the portal runs, as it is stored. Each field is one field of the settings form. */
export const Settings = z.object({
  /** Caps every policy. Minutes. */
  maxDurationMinutes: z.int().min(15).max(10_080).default(540),
  /** The only durations that may be asked for, ascending, each once; empty: any up to the longest. Minutes. */
  allowedDurationsMinutes: z.array(z.int().min(1).max(10_080)).max(20).default([]),
  /** How long a request waits for a decision. Minutes. */
  requestExpiryMinutes: z.int().min(5).max(20_160).default(180),
  /** A comment with every approval, rejection and revocation. */
  commentRequired: z.boolean().default(true),
  ticketRequired: z.boolean().default(false),
  /** An RE2 regular expression that a whole ticket has to match; empty: any ticket. */
  ticketPattern: z
    .string()
    .max(200)
    .refine((pattern) => patternMistake(pattern) === null)
    .default(''),
  /** A ticket as it should look, for those who get it wrong. */
  ticketExample: z.string().max(100).default(''),
  /** An https address with `{ticket}` in it, to which tickets are linked; empty: no link. */
  ticketLink: z
    .string()
    .max(500)
    .refine((template) => linkMistake(template) === null)
    .default(''),
  /** Off: nobody needs approval, whatever the policies say. */
  approvalEnabled: z.boolean().default(true),
  /** What becomes of running access whose holder is no longer eligible: it is taken away, or admins are told and it runs on. */
  onEligibilityLost: z.enum(['revoke', 'tell']).default('revoke'),
  /** Every change of a policy names a ticket. */
  policyTicketRequired: z.boolean().default(false),
  /** A change of a policy waits until another admin confirms it. */
  secondAdminRequired: z.boolean().default(false),
  /** On: no mail leaves the portal. */
  mailPaused: z.boolean().default(false),
  /** Shown to everybody signed in, on every page; lines are kept. Empty: nothing. */
  announcement: z.string().trim().max(500).default(''),
  /** Shown wherever someone is stuck. */
  supportContact: z.string().trim().max(200).default(''),
  timeZone: z.string().refine(isTimeZone).default('UTC'),
});
export type Settings = z.infer<typeof Settings>;

export const DEFAULT_SETTINGS: Settings = Settings.parse({});
