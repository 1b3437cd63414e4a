import { DEFAULT_SETTINGS, type Settings } from '../../settings/index.ts';

/** Example Corp's settings: twelve hours at most, two days to decide. */
export const DEMO_SETTINGS: Settings = {
  ...DEFAULT_SETTINGS,
  maxDurationMinutes: 720,
  requestExpiryMinutes: 2_880,
  ticketLink: 'https://tickets.example.com/browse/{ticket}',
  supportContact: 'the platform team (#platform-help)',
  timeZone: 'Europe/Berlin',
};
