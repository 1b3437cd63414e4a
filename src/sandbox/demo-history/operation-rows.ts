import { randomUUID } from 'node:crypto';
import { auditEvent, byLatchkey, type Row } from './rows.ts';
import { plusMinutes, plusSeconds } from './story.ts';

export interface Operation extends Row {
  kind: 'create' | 'delete';
  intendedAt: Date;
  finishedAt: Date | null;
  absentSeenAt: Date | null;
}

/** How it ended, or how far it is. */
export interface OperationEnd {
  outcome: 'in_progress' | 'succeeded' | 'failed' | 'refused';
  awsRequestId?: string | null;
  reason?: string;
}

const EFFECT_MINUTES = 15;

/** One create or delete that was asked of AWS and took so many seconds, with the events that the engine writes of it. */
export function tellOperation(
  { assignmentId, requestId, tuple }: { assignmentId: string; requestId: string; tuple: object },
  asked: { kind: Operation['kind']; at: Date; end: OperationEnd; seconds: number; fence: number },
): { operation: Operation; events: (Row & { at: Date })[] } {
  const { kind, at, end, fence } = asked;
  const heardAt = plusSeconds(at, 0.2);
  const operation = {
    id: randomUUID(),
    assignmentId,
    kind,
    fence,
    intendedAt: at,
    absentSeenAt: kind === 'create' ? plusSeconds(at, -0.4) : null,
    effectiveUntil: plusMinutes(at, EFFECT_MINUTES),
    awsRequestId: randomUUID() as string | null,
    reason: null as string | null,
    askedAt: heardAt,
    finishedAt: end.outcome === 'in_progress' ? null : plusSeconds(at, asked.seconds),
    ...end,
  };
  const event = (when: Date, outcome: string, before: string | null, heard: { awsRequestId: string | null }) =>
    auditEvent(
      when,
      `assignment.${kind}-${outcome.replace('_', '-')}`,
      byLatchkey('access'),
      { kind: 'assignment', id: assignmentId },
      {
        requestId,
        ...(before === null ? {} : { before: { outcome: before } }),
        after: { operationId: operation.id, outcome, reason: null, ...heard, ...tuple },
      },
    );
  const { awsRequestId, reason, finishedAt } = operation;
  const events = [event(at, 'intended', null, { awsRequestId: null })];
  // What was refused never went under way.
  if (end.outcome !== 'refused') events.push(event(heardAt, 'in_progress', 'intended', { awsRequestId }));
  if (finishedAt !== null) {
    const before = end.outcome === 'refused' ? 'intended' : 'in_progress';
    const last = { awsRequestId, reason };
    events.push(event(finishedAt, end.outcome, before, last));
  }
  return { operation, events };
}
