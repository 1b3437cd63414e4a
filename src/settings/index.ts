export { portalBanner } from './banner.ts';
export { changeSettings } from './change-settings.ts';
export { DEFAULT_SETTINGS, type Settings } from './schema.ts';
export { readSettings } from './store.ts';
