export { type Actor, type AuditEvent, record, systemActor } from './record.ts';
