export { type Actor, record, recordAll, systemActor } from './record.ts';
