import { randomUUID } from 'node:crypto';
import type { GrantStatus } from '../../access/index.ts';
import { person } from './company.ts';
import { type Operation, type OperationEnd, tellOperation } from './operation-rows.ts';
import type { ToldRequest } from './request-rows.ts';
import { auditEvent, byLatchkey, byPerson, type Row } from './rows.ts';
import { type Life, plusMinutes, plusSeconds } from './story.ts';

/** What AWS says when a permission set has reached the management account. */
export const CANNOT_REVOKE = 'You cannot remove access to permission sets provisioned in the management account';
const LATEST_DELAY_MINUTES = 15;
const ENDING_SOON_MINUTES = 15;

/** One grant with everything that was done for it. */
export interface ToldGrant {
  request: ToldRequest;
  assignmentId: string;
  life: Life;
  row: Row & {
    id: string;
    status: GrantStatus;
    opensAt: Date;
    closesAt: Date | null;
    latestEnd: Date;
    activatedAt: Date | null;
    endDueAt: Date | null;
    endedAt: Date | null;
    endingSoonToldAt: Date | null;
  };
  operations: Operation[];
  events: (Row & { at: Date })[];
}

interface Context {
  assignmentId: string;
  now: Date;
  /** The request that AWS is at work on, for the one grant that is held up. */
  stuckRequestId: string;
}

/** The grant that followed from the request; null where none did. */
export function tellGrant(request: ToldRequest, context: Context): ToldGrant | null {
  const { story, approved, role, requester, account } = request;
  if (approved === null || story.outcome.kind !== 'given') return null;
  const { life } = story.outcome;
  const id = randomUUID();
  const requestId = request.row.id;
  const opensAt = story.startsAt && story.startsAt > approved.at ? story.startsAt : approved.at;
  const latestEnd = plusMinutes(opensAt, approved.minutes + LATEST_DELAY_MINUTES);

  const operations: Operation[] = [];
  const events: ToldGrant['events'] = [];
  const note = (at: Date, kind: string, before: object, after: object, by = byLatchkey('access')) =>
    void events.push(auditEvent(at, kind, by, { kind: 'grant', id }, { requestId, before, after }));
  const tuple = { userId: requester.id, accountId: account.id, permissionSetArn: role.arn };
  const ask = (kind: Operation['kind'], at: Date, end: OperationEnd, seconds: number): Operation => {
    const about = { assignmentId: context.assignmentId, requestId, tuple };
    const told = tellOperation(about, { kind, at, end, seconds, fence: operations.length + 1 });
    operations.push(told.operation);
    events.push(...told.events);
    return told.operation;
  };

  const scheduled = { ...tuple, basis: approved.basis, durationMinutes: approved.minutes, opensAt, latestEnd };
  events.push(
    auditEvent(
      approved.at,
      'grant.scheduled',
      byPerson(approved.by),
      { kind: 'grant', id },
      { requestId, after: scheduled },
    ),
  );
  const state = live();
  const row = {
    id,
    assignmentId: context.assignmentId,
    requestId,
    basis: approved.basis,
    ...tuple,
    userDisplayName: requester.name,
    userName: requester.userName,
    accountName: account.name,
    ouPath: account.ouPath,
    permissionSetName: role.name,
    sessionSeconds: role.sessionSeconds,
    durationMinutes: approved.minutes,
    opensAt,
    latestEnd,
    preexisting: story.found === 'by hand',
    createdAt: approved.at,
    ...UNTOUCHED,
    ...state,
    version: events.filter((event) => event.subjectKind === 'grant').length,
  };
  return { request, assignmentId: context.assignmentId, life, row, operations, events };

  function live() {
    if (life.kind === 'scheduled') return { status: 'scheduled' as const, announced: 'scheduled' };
    const activating = plusSeconds(opensAt, 0.3);
    note(activating, 'grant.activating', { status: 'scheduled' }, { status: 'activating', opensAt });
    const intended = plusSeconds(opensAt, 1.1);
    const rightsCheckedAt = plusSeconds(opensAt, 0.7);
    if (life.kind === 'activating') {
      // Asked of the sandbox just now, so that it is still on its way when the portal starts.
      ask('create', context.now, { outcome: 'in_progress', awsRequestId: context.stuckRequestId }, 0);
      return { status: 'activating' as const, announced: 'scheduled', rightsCheckedAt: plusSeconds(context.now, -0.2) };
    }
    if (life.kind === 'failed') {
      const { finishedAt } = ask('create', intended, { outcome: 'failed', reason: life.aws }, 8.6);
      const failure = `AWS could not create the access. AWS says: ${life.aws}`;
      note(finishedAt ?? intended, 'grant.failed', { status: 'activating' }, { status: 'failed', opensAt, failure });
      return { status: 'failed' as const, announced: 'failed', rightsCheckedAt, failure };
    }

    const created = story.found
      ? null
      : ask('create', intended, { outcome: 'succeeded' }, 3 + (approved?.minutes ?? 0) / 80);
    const activatedAt = plusSeconds(created?.finishedAt ?? intended, 0.3);
    const closesAt = plusMinutes(activatedAt, approved?.minutes ?? 0);
    const preexisting = story.found === 'by hand';
    note(activatedAt, 'grant.active', { status: 'activating' }, { status: 'active', opensAt, closesAt, preexisting });
    const soon = plusMinutes(closesAt, -ENDING_SOON_MINUTES);
    const open = { activatedAt, closesAt, rightsCheckedAt };
    if (life.kind === 'active') {
      const endingSoonToldAt = soon <= context.now ? soon : null;
      return { ...open, status: 'active' as const, announced: 'active', endingSoonToldAt };
    }
    return { ...open, ...over(activatedAt, closesAt, soon) };
  }

  function over(activatedAt: Date, closesAt: Date, soon: Date) {
    const early = life.kind === 'revoked' ? life : null;
    const due = early ? plusMinutes(activatedAt, early.after) : closesAt;
    const endCause = early?.cause ?? 'time';
    const endComment = early
      ? early.by === null
        ? 'The person was disabled in Identity Center.'
        : early.comment
      : null;
    const by = early?.by ? person(early.by) : null;
    const ended = early
      ? { endedById: by?.id ?? 'access', endedByName: by?.name ?? 'Latchkey', endComment }
      : { endedById: null, endedByName: null, endComment: null };
    const ending = {
      ...ended,
      endCause,
      endDueAt: due,
      endingSoonToldAt: due > soon ? soon : null,
    };
    note(
      due,
      'grant.ending',
      early ? { status: 'active', closesAt } : { status: 'active' },
      { status: 'ending', endCause, endComment },
      by ? byPerson(by) : byLatchkey('access'),
    );
    if (life.kind === 'overdue') {
      for (const minutes of [0, 1, 3, 7]) {
        ask(
          'delete',
          plusSeconds(plusMinutes(due, minutes), 0.5),
          { outcome: 'refused', awsRequestId: null, reason: CANNOT_REVOKE },
          0.3,
        );
      }
      return { ...ending, status: 'ending' as const, announced: 'active' };
    }
    const deleted = story.found ? null : ask('delete', plusSeconds(due, 0.5), { outcome: 'succeeded' }, 4.2);
    const endedAt = plusSeconds(deleted?.finishedAt ?? due, 0.4);
    const status = early ? ('revoked' as const) : ('ended' as const);
    note(endedAt, `grant.${status}`, { status: 'ending' }, { status, opensAt, closesAt, endCause, endComment });
    return { ...ending, status, announced: status, endedAt };
  }
}

/** What is not known of a grant before it comes to be. */
const UNTOUCHED = {
  closesAt: null,
  activatedAt: null,
  endDueAt: null,
  endCause: null,
  endComment: null,
  endedById: null,
  endedByName: null,
  endedAt: null,
  failure: null,
  rightsCheckedAt: null,
  endingSoonToldAt: null,
};
