import { formatInZone, formatMinutes, formatUtc } from '../platform/time.ts';
import type { Alarm } from './alarm-store.ts';
import { EXTENSION_WORDS } from './extension-words.ts';
import type { MailFacts, MailKind } from './outbox.ts';

/** What the outbox keeps of a mail: its facts as JSON, with times as ISO 8601 text. */
export interface MailContent extends MailFacts<string> {
  requestId: string;
  number: string;
}

/** A mail before it is dressed as text or HTML. */
export interface Letter {
  subject: string;
  /** What happened, in one sentence. */
  lead: string;
  /** What to do about it, or what comes next. Empty: nothing. */
  next: string;
  facts: { label: string; value: string }[];
  link: { label: string; url: string };
}

type Sentence = (it: MailContent) => string;

/** Subject, what happened, and what comes next, for a kind of mail. */
export interface MailWords {
  subject: Sentence;
  lead: Sentence;
  next: Sentence;
  link: string;
}

const WORDS: Record<MailKind, MailWords> = {
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
    lead: (it) => `${it.by ?? 'Another approver'} decided the request of ${it.person} for ${it.role} in ${it.account}.`,
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
        : 'It needs no approval. You get another mail as soon as AWS has confirmed the access.',
    link: 'Open your request',
  },
  'request-approved': {
    subject: (it) => `Approved: ${it.role} in ${it.account}`,
    lead: (it) =>
      `${it.by ?? 'An approver'} approved your request for ${it.role} in ${it.account} for ${formatMinutes(it.durationMinutes)}.`,
    next: () => 'You get another mail as soon as AWS has confirmed the access.',
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
    next: () => 'It starts by itself at the time below.',
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
    subject: (it) => `${it.ownDoing ? 'Ended' : 'Revoked'}: ${it.role} in ${it.account}`,
    lead: (it) =>
      it.ownDoing
        ? `You ended your access as ${it.role} to ${it.account}, and AWS has confirmed it.`
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

/**
 * The letter for a mail: plain sentences and facts, nothing escaped yet. `baseUrl` comes from the configuration,
 * never from a request; times are in `timeZone` and in UTC.
 */
export function composeLetter(kind: MailKind, it: MailContent, baseUrl: URL, timeZone: string): Letter {
  const words = (it.extends && EXTENSION_WORDS[kind]) ?? WORDS[kind];
  const facts: Letter['facts'] = [];
  const fact = (label: string, value: string | undefined | null) => {
    if (value) facts.push({ label, value });
  };
  const when = (text: string | null | undefined) => {
    if (!text) return null;
    const at = new Date(text);
    return timeZone === 'UTC'
      ? `${formatInZone(at, 'UTC')} UTC`
      : `${formatInZone(at, timeZone)} ${timeZone} (${formatUtc(at)})`;
  };
  fact('Request', it.number);
  fact('Person', it.person);
  fact('Account', `${it.account} (${it.accountId})`);
  fact('Role', it.role);
  fact('Duration', `${formatMinutes(it.durationMinutes)}${it.extends ? ' more' : ''}`);
  if (it.extends) {
    fact('Extends', it.extends.number);
    fact('End without it', when(it.extends.from));
    fact('End with it', when(it.extends.to));
  }
  if (!it.extends)
    fact(
      'Start',
      kind === 'approval-needed' || kind === 'request-submitted'
        ? (when(it.startsAt) ?? (kind === 'request-submitted' && !it.expiresAt ? 'at once' : 'as soon as approved'))
        : when(it.startsAt),
    );
  fact('From', when(it.opensAt));
  fact('Until', when(it.closesAt));
  fact('Expires', when(it.expiresAt));
  fact('Approval', it.step);
  fact('Justification', it.justification);
  fact('Ticket', it.ticket);
  fact('Decided by', kind === 'decided-by-another' ? it.by : null);
  fact('Comment', it.comment);
  fact('Reason', it.reason);
  return {
    subject: oneLine(`[${it.number}] ${words.subject(it)}`),
    lead: oneLine(words.lead(it)),
    next: words.next(it),
    facts,
    link: { label: words.link, url: new URL(`/requests/${it.requestId}`, baseUrl).href },
  };
}

/** The letter for an alarm, which brings its own words. */
export function composeAlarm({ subject, lead, next, facts, page }: Alarm, baseUrl: URL): Letter {
  return {
    subject: oneLine(`[Latchkey] ${subject}`),
    lead: oneLine(lead),
    next,
    facts,
    link: { label: page.label, url: new URL(page.path, baseUrl).href },
  };
}

/** A header or a sentence of ours is one line, whatever a name in it holds. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** Whatever some mail program starts a line at: what people wrote stays indented, and apart from our own lines. */
const LINE_BREAK = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g;

/** The letter as plain text. */
export function asText(letter: Letter): string {
  const width = Math.max(...letter.facts.map((fact) => fact.label.length)) + 2;
  return [
    letter.lead,
    ...(letter.next ? [letter.next] : []),
    '',
    ...letter.facts.map(
      (fact) => `${`${fact.label}:`.padEnd(width)} ${fact.value.replace(LINE_BREAK, `\n${' '.repeat(width + 1)}`)}`,
    ),
    '',
    `${letter.link.label}: ${letter.link.url}`,
    '',
    'Sent by Latchkey. Replies are not read.',
    '',
  ].join('\n');
}
