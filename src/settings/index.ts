export { portalBanner } from './banner.ts';
export { changeSettings } from './change-settings.ts';
export { settingsRoutes } from './routes.ts';
export { DEFAULT_SETTINGS, type Settings } from './schema.ts';
export { readSettings, type StoredSettings } from './store.ts';
