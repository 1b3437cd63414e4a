import { randomUUID } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import type { CloudTrailRecord } from '../cloudtrail-store.ts';
import type { SandboxAccount, SandboxPermissionSet, SandboxUser } from '../organization.ts';
import { type PermissionSetSession, sessionRecord, startPermissionSetSession } from '../permission-set-session.ts';
import type { SandboxServices } from '../services.ts';
import { consoleActs } from './acts.ts';

/** A session on the pretend console. */
export interface ConsoleSession {
  id: string;
  user: SandboxUser;
  account: SandboxAccount;
  permissionSet: SandboxPermissionSet;
  aws: PermissionSetSession;
  expiresAt: Date;
}

const capacity = 1_000;

/**
 * The sessions that people opened. Each lives as long as its permission set says, even when the assignment goes in the
 * meantime: AWS promises no less, so this is what an auditor has to reckon with.
 */
export class ConsoleSessions {
  readonly #services: SandboxServices;
  readonly #sessions = new Map<string, ConsoleSession>();

  constructor(services: SandboxServices) {
    this.#services = services;
  }

  /** Opens a session; whether the person may is the caller's question. */
  open(user: SandboxUser, account: SandboxAccount, permissionSet: SandboxPermissionSet): ConsoleSession {
    const aws = startPermissionSetSession(this.#services, account.id, permissionSet, user);
    const lifetime = Temporal.Duration.from(permissionSet.sessionDuration).total('milliseconds');
    const expiresAt = new Date(aws.startedAt.getTime() + lifetime);
    const session = { id: randomUUID(), user, account, permissionSet, aws, expiresAt };
    this.#sessions.set(session.id, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > capacity && oldest) this.#sessions.delete(oldest);
    return session;
  }

  find(id: string): ConsoleSession | undefined {
    return this.#sessions.get(id);
  }

  expired(session: ConsoleSession): boolean {
    return this.#services.clock.now() >= session.expiresAt;
  }

  /** Does something in a session that has not expired, which leaves an event; undefined if there is no such act. */
  act(session: ConsoleSession, actId: string): CloudTrailRecord | undefined {
    const act = consoleActs.find(({ id }) => id === actId);
    if (!act) return undefined;
    const tried = act.event(session.aws);
    const done = tried.readOnly || mayChange(session.permissionSet) ? tried : { ...tried, ...DENIED };
    const record = sessionRecord(session.aws, done, this.#services.clock.now());
    this.#services.events.record(record);
    return record;
  }

  /** What was done in a session, newest first. */
  eventsOf(session: ConsoleSession): CloudTrailRecord[] {
    const { accessKeyId } = session.aws;
    return this.#services.events
      .list()
      .filter(({ userIdentity }) => userIdentity.accessKeyId === accessKeyId)
      .reverse();
  }
}

const DENIED = { errorCode: 'AccessDenied', errorMessage: 'The role allows no changes.' };

/** The sandbox has no policies of permission sets: their names say whether they are for looking only. */
function mayChange({ name }: SandboxPermissionSet): boolean {
  return !/read|audit|view|log/i.test(name);
}
