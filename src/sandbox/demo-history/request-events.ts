import { person } from './company.ts';
import { expiryOf, statusOf } from './request-times.ts';
import { auditEvent, byLatchkey, byPerson, type Row } from './rows.ts';
import { MINUTE, plusMinutes, type Say, type Story } from './story.ts';

/** What the commands wrote of the request, with the number that the database gave it. */
export function requestEvents(story: Story, row: { id: string; approvalNeeded: boolean }, number: number) {
  const { id } = row;
  const said = 'said' in story.outcome ? (story.outcome.said ?? []) : [];
  const requester = person(story.who);
  const asSent = {
    ...row,
    number,
    ...(row.approvalNeeded ? OPEN : {}),
    decisions: [],
    submittedBy: requester.userName,
  };
  const events: (Row & { at: Date })[] = [
    auditEvent(story.submittedAt, 'request.submitted', byPerson(requester), subject(id), {
      requestId: id,
      after: asSent,
    }),
    ...said.map((each, index) => decisionEvent(id, story, each, index, said.length)),
    ...endEvent(id, story),
  ];
  return events;
}

/** As it was when it was sent. */
const OPEN = {
  status: 'pending',
  version: 1,
  approvedDurationMinutes: null,
  closedAt: null,
  closedById: null,
  closedByName: null,
  closeComment: null,
};

const subject = (id: string) => ({ kind: 'request', id });

function decisionEvent(id: string, story: Story, say: Say, index: number, count: number) {
  const approver = person(say.who);
  const rejected = story.outcome.kind === 'rejected';
  const last = index === count - 1 && story.outcome.kind !== 'pending';
  const kind = rejected ? 'request.rejected' : 'request.approved';
  return auditEvent(plusMinutes(story.submittedAt, say.after), kind, byPerson(approver), subject(id), {
    requestId: id,
    before: { status: 'pending', version: index + 1 },
    after: {
      status: last ? statusOf(story) : 'pending',
      version: index + 2,
      comment: say.comment,
      approverId: approver.id,
      verdict: rejected ? 'reject' : 'approve',
      step: 0,
      durationMinutes: say.minutes ?? null,
    },
  });
}

function endEvent(id: string, story: Story) {
  const { outcome, submittedAt } = story;
  const before = { status: 'pending', version: 1 };
  if (outcome.kind === 'expired') {
    const after = { status: 'expired', version: 2 };
    // The job that notices comes a moment later.
    const at = new Date(expiryOf(story).getTime() + MINUTE / 100);
    return [auditEvent(at, 'request.expired', byLatchkey('request'), subject(id), { requestId: id, before, after })];
  }
  if (outcome.kind !== 'cancelled') return [];
  const after = { status: 'cancelled', version: 2, comment: outcome.comment };
  const at = plusMinutes(submittedAt, outcome.after);
  return [
    auditEvent(at, 'request.cancelled', byPerson(person(story.who)), subject(id), { requestId: id, before, after }),
  ];
}
