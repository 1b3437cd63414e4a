import { z } from 'zod';
import { isTimeZone } from '../platform/time.ts';

/** What an admin changes while the portal runs, as it is stored. Each field is one field of the settings form. */
export const Settings = z.object({
  /** Caps every policy. Minutes. */
  maxDurationMinutes: z.int().min(15).max(10_080).default(540),
  /** How long a request waits for a decision. Minutes. */
  requestExpiryMinutes: z.int().min(5).max(20_160).default(180),
  /** A comment with every approval, rejection and revocation. */
  commentRequired: z.boolean().default(true),
  ticketRequired: z.boolean().default(false),
  /** Off: nobody needs approval, whatever the policies say. */
  approvalEnabled: z.boolean().default(true),
  /** Shown wherever someone is stuck. */
  supportContact: z.string().trim().max(200).default(''),
  timeZone: z.string().refine(isTimeZone).default('UTC'),
});
export type Settings = z.infer<typeof Settings>;

export const DEFAULT_SETTINGS: Settings = Settings.parse({});
