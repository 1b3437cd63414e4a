export { type Actor, type AuditEvent, record, recordAll, systemActor } from './record.ts';
