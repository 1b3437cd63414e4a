import { formatInZone, formatMinutes, formatUtc } from '../platform/time.ts';
import type { Alarm } from './alarm-store.ts';
import { EXTENSION_WORDS } from './extension-words.ts';
import { WORDS } from './mail-words.ts';
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
    for (const [label, at] of endsOf(kind, it, it.extends)) fact(label, when(at));
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
  fact('Reason', kind === 'decided-by-another' ? null : it.reason);
  return {
    subject: oneLine(`[${it.number}] ${words.subject(it)}`),
    lead: oneLine(words.lead(it)),
    next: words.next(it),
    facts,
    link: { label: words.link, url: new URL(`/requests/${it.requestId}`, baseUrl).href },
  };
}

const KEPT: ReadonlySet<MailKind> = new Set(['request-rejected', 'request-expired', 'request-cancelled']);

/** The end of what is to be longer, as it was and as it becomes; or, once that is decided, as it is. */
function endsOf(
  kind: MailKind,
  { reason, expiresAt }: MailContent,
  { from, to }: { from: string; to: string },
): [string, string][] {
  const decided = kind === 'decided-by-another' ? reason : undefined;
  if (KEPT.has(kind) || decided === 'rejected') return [['End', from]];
  const free = kind === 'request-submitted' && !expiresAt;
  if (kind === 'request-approved' || decided === 'approved' || free) {
    return [
      ['Old end', from],
      ['New end', to],
    ];
  }
  return [
    ['End without it', from],
    ['End with it', to],
  ];
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
