import type { AssignmentStore } from './assignments.ts';
import type { CallLog } from './call-log.ts';
import type { Clock } from './clock.ts';
import type { CloudTrailStore } from './cloudtrail-store.ts';
import type { Faults } from './faults.ts';
import type { Organization } from './organization.ts';
import type { SandboxState } from './state-file.ts';

/**
 * What the parts of the sandbox share. A part is a function that takes the Fastify instance and these services and
 * adds its routes; `index.ts` calls each of them after `@fastify/formbody` and `@fastify/cookie`.
 */
export interface SandboxServices {
  /** Where browsers reach the sandbox, known once it listens: read it when a request is handled, not before. */
  readonly url: string;
  /** Live and mutable: what a test changes here, every API shows at once. */
  readonly organization: Organization;
  /** Who has access to what right now. */
  readonly assignments: AssignmentStore;
  readonly events: CloudTrailStore;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly clock: Clock;
  readonly state: SandboxState;
}
