import type { Settings } from './schema.ts';
import { labelOf, valueInWords } from './words.ts';

/** The settings with a looser side, which takes two while a second admin is required. `loosenings_setting` lists the same. */
export const HELD = [
  'secondAdminRequired',
  'approvalEnabled',
  'ticketRequired',
  'policyTicketRequired',
  'mailPaused',
  'maxDurationMinutes',
  'onEligibilityLost',
] as const;
export type HeldSetting = (typeof HELD)[number];

/** Whether the setting holds people less in `after` than in `before`. */
export function loosens(name: HeldSetting, before: Settings, after: Settings): boolean {
  if (name === 'maxDurationMinutes') return after.maxDurationMinutes > before.maxDurationMinutes;
  if (name === 'onEligibilityLost') return after.onEligibilityLost === 'tell' && before.onEligibilityLost !== 'tell';
  // Whoever reads no mail notices nothing of what is decided and given.
  if (name === 'mailPaused') return after.mailPaused && !before.mailPaused;
  return before[name] && !after[name];
}

/** What is asked for, as it follows "asked to" and "confirms to". */
export function wishInWords(setting: string, value: unknown): string {
  const label = `“${labelOf(setting)}”`;
  if (typeof value === 'boolean') return `switch ${label} ${value ? 'on' : 'off'}`;
  if (setting === 'onEligibilityLost') return `set ${label} to “${valueInWords(setting, value)}”`;
  return `raise ${label} to ${valueInWords(setting, value)}`;
}
