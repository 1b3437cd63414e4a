export { type Actor, record, systemActor } from './record.ts';
