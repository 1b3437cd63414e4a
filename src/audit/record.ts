import { Prisma, type Tx } from '../platform/db.ts';

/** Who did it, and how they came. */
export interface Actor {
  kind: 'user' | 'token' | 'system';
  /** The Identity Center user ID; for the system, the part of it that acted. */
  id: string;
  name: string;
  /** 'web', 'worker', 'cli'. */
  via: string;
  address?: string;
  userAgent?: string;
}

export interface AuditEvent {
  /** Subject and past tense: 'request.submitted', 'eligibility-policy.changed'. */
  kind: string;
  actor: Actor;
  subject: { kind: string; id: string };
  /** The request that it belongs to, so that its page can show a timeline. */
  requestId?: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** The portal itself as actor: 'access', 'directory', 'request'. */
export function systemActor(part: string): Actor {
  return { kind: 'system', id: part, name: 'Latchkey', via: 'worker' };
}

/** Writes the event in the caller's transaction: no change without its event, no event without its change. */
export async function record(tx: Tx, event: AuditEvent): Promise<void> {
  await tx.auditEvent.create({ data: rowOf(event) });
}

/** What one statement takes: it has no more than 32,767 parameters. */
const AT_ONCE = 1_000;

/** The same for a change of many things at once, in their order. */
export async function recordAll(tx: Tx, events: readonly AuditEvent[]): Promise<void> {
  for (let at = 0; at < events.length; at += AT_ONCE) {
    await tx.auditEvent.createMany({ data: events.slice(at, at + AT_ONCE).map(rowOf) });
  }
}

function rowOf(event: AuditEvent) {
  const { actor, subject } = event;
  return {
    kind: event.kind,
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    actorVia: actor.via,
    subjectKind: subject.kind,
    subjectId: subject.id,
    requestId: event.requestId ?? null,
    before: asJson(event.before),
    after: asJson(event.after),
    address: actor.address ?? null,
    userAgent: actor.userAgent?.slice(0, 500) ?? null,
  };
}

function asJson(value: Record<string, unknown> | undefined): Prisma.InputJsonValue | typeof Prisma.DbNull {
  // Through JSON, so that dates are stored as text and nothing undefined is kept.
  return value === undefined ? Prisma.DbNull : (JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue);
}
