import { randomUUID } from 'node:crypto';
import { evaluate, mayDecide, type Policies, type Verdict } from '../../policy/index.ts';
import { type Account, account, type Person, person, type Role, role } from './company.ts';
import { requestEvents } from './request-events.ts';
import { expiryOf, statusOf } from './request-times.ts';
import { byPerson, type Row } from './rows.ts';
import { DEMO_SETTINGS } from './settings.ts';
import { plusMinutes, type Say, type Story } from './story.ts';

/** One request of the history, judged by the policies. */
export interface ToldRequest {
  story: Story;
  requester: Person;
  account: Account;
  role: Role;
  row: Row & { id: string };
  decisions: Row[];
  /** When it was approved, and who did it last; null where it was not. */
  approved: { at: Date; by: Person; minutes: number; basis: 'approval' | 'self_serve' } | null;
  /** Its events; `number` is the database's. */
  events(number: number): (Row & { at: Date })[];
}

/** The request with its decisions. Throws where the policies do not allow what the story tells. */
export function tellRequest(story: Story, policies: Policies): ToldRequest {
  const requester = person(story.who);
  const where = account(story.account);
  const what = role(story.role);
  const verdict = judged(story, requester, where, what, policies);
  const said = 'said' in story.outcome ? (story.outcome.said ?? []) : [];
  const id = randomUUID();
  const minutes = Math.min(story.minutes, ...said.map((each) => each.minutes ?? story.minutes));
  const closed = closing(story, verdict);
  const actor = byPerson(requester);
  const row = {
    id,
    status: statusOf(story),
    version: 1 + said.length + (story.outcome.kind === 'cancelled' || story.outcome.kind === 'expired' ? 1 : 0),
    formKey: randomUUID(),
    requesterId: requester.id,
    requesterName: requester.name,
    requesterUserName: requester.userName,
    requesterEmail: requester.email,
    accountId: where.id,
    accountName: where.name,
    ouPath: where.ouPath,
    permissionSetArn: what.arn,
    permissionSetName: what.name,
    sessionSeconds: what.sessionSeconds,
    startsAt: story.startsAt ?? null,
    durationMinutes: story.minutes,
    ticket: story.ticket,
    justification: story.why,
    approvalNeeded: verdict.approvalNeeded,
    steps: verdict.steps,
    policies: [...verdict.allowedBy, ...verdict.approvalPolicies],
    submittedAt: story.submittedAt,
    expiresAt: expiryOf(story),
    approvedDurationMinutes: minutes < story.minutes ? minutes : null,
    ...closed,
    address: actor.address,
    userAgent: actor.userAgent,
  };
  const by = said.at(-1);
  const given = story.outcome.kind === 'given';
  return {
    story,
    requester,
    account: where,
    role: what,
    row,
    decisions: said.map((each) => decisionRow(row, story, each)),
    approved: given
      ? {
          at: by ? plusMinutes(story.submittedAt, by.after) : story.submittedAt,
          by: by ? person(by.who) : requester,
          minutes,
          basis: by ? 'approval' : 'self_serve',
        }
      : null,
    events: (number) => requestEvents(story, row, number),
  };
}

function judged(story: Story, requester: Person, where: Account, what: Role, policies: Policies): Verdict {
  const ask = {
    accountId: where.id,
    ancestorIds: where.ancestorIds,
    permissionSetArn: what.arn,
    durationMinutes: story.minutes,
    ticketGiven: story.ticket !== '',
  };
  const verdict = evaluate(
    policies,
    { userId: requester.id, groupIds: requester.groupIds },
    ask,
    DEMO_SETTINGS,
    story.submittedAt,
  );
  const wrong = verdict.allowed ? contradiction(story, verdict) : verdict.reason;
  if (wrong !== null) throw new Error(`${story.who} cannot have asked for ${story.role} in ${story.account}: ${wrong}`);
  return verdict;
}

function contradiction(story: Story, verdict: Verdict): string | null {
  const said = 'said' in story.outcome ? (story.outcome.said ?? []) : [];
  for (const { who } of said) {
    const { id: userId, groupIds } = person(who);
    const may = verdict.steps.some(({ approvers }) => mayDecide(approvers, { userId, groupIds }));
    if (!may || who === story.who) return `${who} may not decide it.`;
  }
  if (story.outcome.kind !== 'given') return verdict.approvalNeeded ? null : 'It needs no approval.';
  const needed = verdict.steps.reduce((sum, step) => sum + step.approvalsNeeded, 0);
  return said.length === needed ? null : `It takes ${needed} approvals, not ${said.length}.`;
}

function closing(story: Story, verdict: Verdict) {
  const { outcome, submittedAt } = story;
  const closed = (at: Date | null, id: string | null, name: string | null, comment: string | null) => ({
    closedAt: at,
    closedById: id,
    closedByName: name,
    closeComment: comment,
  });
  if (outcome.kind === 'pending') return closed(null, null, null, null);
  if (outcome.kind === 'expired') return closed(expiryOf(story), 'request', 'Latchkey', '');
  if (outcome.kind === 'cancelled') {
    const { id, name } = person(story.who);
    return closed(plusMinutes(submittedAt, outcome.after), id, name, outcome.comment);
  }
  const last = outcome.said.at(-1);
  if (!verdict.approvalNeeded || !last) return closed(submittedAt, 'policy', 'policy', null);
  const { id, name } = person(last.who);
  return closed(plusMinutes(submittedAt, last.after), id, name, last.comment);
}

function decisionRow(request: { id: string; requesterId: string }, story: Story, say: Say): Row {
  const approver = person(say.who);
  const { address, userAgent } = byPerson(approver);
  return {
    requestId: request.id,
    requesterId: request.requesterId,
    id: randomUUID(),
    approverId: approver.id,
    approverName: approver.name,
    verdict: story.outcome.kind === 'rejected' ? 'reject' : 'approve',
    step: 0,
    durationMinutes: say.minutes ?? null,
    comment: say.comment,
    decidedAt: plusMinutes(story.submittedAt, say.after),
    address,
    userAgent,
  };
}
