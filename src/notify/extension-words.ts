import { formatMinutes } from '../platform/time.ts';
import type { MailContent } from './compose.ts';
import { insteadOf, type MailWords } from './mail-words.ts';
import type { MailKind } from './outbox.ts';

const what = (it: MailContent) => `${it.role} in ${it.account}`;
const more = (it: MailContent) => `${formatMinutes(it.durationMinutes)} more`;
const number = (it: MailContent) => it.extends?.number ?? '';

/** The words of mail about a request for more time, where they differ from those about a request for access. */
export const EXTENSION_WORDS: Partial<Record<MailKind, MailWords>> = {
  'approval-needed': {
    subject: (it) => `${it.person} asks for ${more(it)} of ${what(it)}`,
    lead: (it) => `${it.person} has ${what(it)} by ${number(it)} and asks for ${more(it)}.`,
    next: () =>
      'You can approve or reject it. Undecided, the access ends at its old end. Any approver may decide; the first decision that completes the step counts.',
    link: 'Decide',
  },
  'request-cancelled': {
    subject: (it) => `${it.person} no longer asks for ${more(it)} of ${what(it)}`,
    lead: (it) => `${it.person} cancelled the request to extend ${number(it)}, ${what(it)}.`,
    next: () => 'There is nothing left for you to do.',
    link: 'Open the request',
  },
  'decided-by-another': {
    subject: (it) => `Decided: ${it.person}, ${more(it)} of ${what(it)}`,
    lead: (it) =>
      `${it.by ?? 'Another approver'} ${it.reason ?? 'decided'} the request of ${it.person} for ${more(it)} of ${what(it)}.`,
    next: () => 'There is nothing left for you to do.',
    link: 'Open the request',
  },
  'request-submitted': {
    subject: (it) => `Submitted: ${more(it)} of ${what(it)}`,
    lead: (it) => `Your request for ${more(it)} of ${what(it)} was submitted.`,
    next: (it) =>
      it.expiresAt
        ? 'It waits for a decision; undecided, your access ends at its old end.'
        : 'It needs no approval: your access goes on until its new end.',
    link: 'Open your request',
  },
  'request-approved': {
    subject: (it) => `Extended by ${formatMinutes(it.durationMinutes)}: ${what(it)}`,
    lead: (it) => `${it.by ?? 'An approver'} approved ${more(it)} of ${what(it)} for you${insteadOf(it)}.`,
    next: () => 'Your access goes on until its new end; there is nothing to do.',
    link: 'Open your request',
  },
  'request-rejected': {
    subject: (it) => `Rejected: ${more(it)} of ${what(it)}`,
    lead: (it) => `${it.by ?? 'An approver'} rejected your request for ${more(it)} of ${what(it)}.`,
    next: () => 'Your access ends at its old end.',
    link: 'Open your request',
  },
  'request-expired': {
    subject: (it) => `Expired: ${more(it)} of ${what(it)}`,
    lead: (it) => `Nobody decided your request for ${more(it)} of ${what(it)} in time.`,
    next: () => 'Ask with a new request if you still need the access, and tell an approver.',
    link: 'Open your request',
  },
};
