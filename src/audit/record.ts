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
  const { actor, subject } = event;
  await tx.auditEvent.create({
    data: {
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
    },
  });
}

function asJson(value: Record<string, unknown> | undefined): Prisma.InputJsonValue | typeof Prisma.DbNull {
  // Through JSON, so that dates are stored as text and nothing undefined is kept.
  return value === undefined ? Prisma.DbNull : (JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue);
}
