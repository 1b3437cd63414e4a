export { createHealthAlarms, type HealthAlarms } from './alarm.ts';
export { registerHealthMetrics } from './metrics.ts';
export { healthNotices } from './notices.ts';
