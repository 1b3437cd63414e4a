export { portalBanner, portalBanners } from './banner.ts';
export { changeSettings } from './change-settings.ts';
export { countWaitingSettings, settingsNavCounts } from './nav-counts.ts';
export { readPreferences } from './preferences-store.ts';
export { mailRules, readReader, readTimeZone, wantMail, zoneOf } from './reader.ts';
export { DEFAULT_SETTINGS, type Settings } from './schema.ts';
export { readSettings, settingsFrom } from './store.ts';
export { ticketAddress, ticketMistake } from './ticket.ts';
