import { formatMinutes } from '../platform/time.ts';
import type { MailContent } from './compose.ts';
import type { MailKind } from './outbox.ts';

type Sentence = (it: MailContent) => string;

/** Subject, what happened, and what comes next, for a kind of mail. */
export interface MailWords {
  subject: Sentence;
  lead: Sentence;
  next: Sentence;
  link: string;
}

const stopped = (it: MailContent) =>
  it.notGiving ? 'New access is not given at the moment; this opens once an administrator allows it again. ' : '';

/** What was asked for, where less was approved. */
export const insteadOf = (it: MailContent) =>
  it.askedMinutes === undefined ? '' : `; you asked for ${formatMinutes(it.askedMinutes)}`;

/** The words of mail about a request for access of its own. */
export const WORDS: Record<MailKind, MailWords> = {
  'approval-needed': {
    subject: (it) => `${it.person} asks for ${it.role} in ${it.account}`,
    lead: (it) => `${it.person} asks for ${it.role} in ${it.account} for ${formatMinutes(it.durationMinutes)}.`,
    next: () =>
      'You can approve or reject it. Any approver may decide; the first decision that completes the step counts.',
    link: 'Decide',
  },
  'request-cancelled': {
    subject: (it) => `${it.person} cancelled the request for ${it.role} in ${it.account}`,
    lead: (it) => `${it.person} cancelled the request for ${it.role} in ${it.account}.`,
    next: () => 'There is nothing left for you to do.',
    link: 'Open the request',
  },
  'decided-by-another': {
    subject: (it) => `Decided: ${it.person}, ${it.role} in ${it.account}`,
    lead: (it) =>
      `${it.by ?? 'Another approver'} ${it.reason ?? 'decided'} the request of ${it.person} for ${it.role} in ${it.account}.`,
    next: () => 'There is nothing left for you to do.',
    link: 'Open the request',
  },
  'request-submitted': {
    subject: (it) => `Submitted: ${it.role} in ${it.account}`,
    lead: (it) =>
      `Your request for ${it.role} in ${it.account} for ${formatMinutes(it.durationMinutes)} was submitted.`,
    next: (it) =>
      it.expiresAt
        ? 'It waits for a decision; undecided, it expires at the time below.'
        : `It needs no approval. ${stopped(it)}You get another mail as soon as AWS has confirmed the access.`,
    link: 'Open your request',
  },
  'request-approved': {
    subject: (it) => `Approved: ${it.role} in ${it.account}`,
    lead: (it) =>
      `${it.by ?? 'An approver'} approved your request for ${it.role} in ${it.account} for ${formatMinutes(it.durationMinutes)}${insteadOf(it)}.`,
    next: (it) => `${stopped(it)}You get another mail as soon as AWS has confirmed the access.`,
    link: 'Open your request',
  },
  'request-rejected': {
    subject: (it) => `Rejected: ${it.role} in ${it.account}`,
    lead: (it) => `${it.by ?? 'An approver'} rejected your request for ${it.role} in ${it.account}.`,
    next: () => 'You can ask again with what was missing.',
    link: 'Open your request',
  },
  'request-expired': {
    subject: (it) => `Expired: ${it.role} in ${it.account}`,
    lead: (it) =>
      it.reason
        ? `Your request for ${it.role} in ${it.account} is closed, because it can no longer be granted.`
        : `Nobody decided your request for ${it.role} in ${it.account} in time.`,
    next: (it) =>
      it.reason ? 'Nothing was given. See the reason below.' : 'Ask again if you still need it, and tell an approver.',
    link: 'Open your request',
  },
  'access-scheduled': {
    subject: (it) => `Scheduled: ${it.role} in ${it.account}`,
    lead: (it) => `Your access as ${it.role} to ${it.account} is scheduled.`,
    next: (it) => (it.notGiving ? stopped(it).trim() : 'It starts by itself at the time below.'),
    link: 'Open your request',
  },
  'access-active': {
    subject: (it) => `Active: ${it.role} in ${it.account}`,
    lead: (it) => `You have access as ${it.role} to ${it.account} now.`,
    next: () => 'End it on its page when you are done early.',
    link: 'Open your request',
  },
  'access-ending-soon': {
    subject: (it) => `Ends in 15 minutes: ${it.role} in ${it.account}`,
    lead: (it) => `Your access as ${it.role} to ${it.account} ends in 15 minutes.`,
    next: () => 'Save your work, or extend it on its page if you need longer.',
    link: 'Open your request',
  },
  'access-ended': {
    subject: (it) => `Ended: ${it.role} in ${it.account}`,
    lead: (it) => `Your access as ${it.role} to ${it.account} has ended, and AWS has confirmed it.`,
    next: () => 'A session that is still open may last until the permission set ends it.',
    link: 'Open your request',
  },
  'access-revoked': {
    subject: (it) => `${it.ownDoing ? 'Ended early' : 'Revoked'}: ${it.role} in ${it.account}`,
    lead: (it) =>
      it.ownDoing
        ? `You ended your access as ${it.role} to ${it.account} early, and AWS has confirmed it.`
        : `${it.by || 'Latchkey'} took back your access as ${it.role} to ${it.account}.`,
    next: () => 'A session that is still open may last until the permission set ends it.',
    link: 'Open your request',
  },
  'access-failed': {
    subject: (it) => `Failed: ${it.role} in ${it.account}`,
    lead: (it) => `Your access as ${it.role} to ${it.account} could not be given.`,
    next: () => 'An administrator can try again from the request.',
    link: 'Open your request',
  },
};
