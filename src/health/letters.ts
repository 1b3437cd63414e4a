import { inTheWay } from '../access/index.ts';
import type { Alarm } from '../notify/index.ts';
import { formatInZone, formatUtc } from '../platform/time.ts';
import type { Told } from './alarm-store.ts';
import { lasting } from './words.ts';

/** So many are listed; the page has all of them. */
const LISTED = 20;

const page = { path: '/admin/health', label: 'See what stands in the way' };

export function overdueLetter(late: Told[], now: Date, timeZone: string): Alarm {
  const [first] = late;
  const one = late.length === 1 && first;
  // The longest overdue comes first.
  const age = first?.dueAt ? lasting(now.getTime() - first.dueAt.getTime()) : 'a while';
  return {
    subject: one
      ? `Overdue for ${age}: ${first.person}, ${first.role} in ${first.accountName}`
      : `${late.length} grants are overdue, the oldest for ${age}`,
    lead: one
      ? `The access of ${first.person} as ${first.role} in ${first.accountName} is overdue for ${age}: it should be gone, and AWS has not let it go.`
      : `The access of ${late.length} grants is overdue, the oldest for ${age}: it should be gone, and AWS has not let it go.`,
    next: 'Latchkey keeps trying without end, and writes again when all of it is over. If AWS itself is at fault there is nothing to do but to wait; else the page below says what stands in the way.',
    facts: listed(late, (each) => [
      each.dueAt
        ? `Due since ${inBoth(each.dueAt, timeZone)}, for ${lasting(now.getTime() - each.dueAt.getTime())}.`
        : '',
      ...why(each),
      nextTry(each.nextTryAt, now, timeZone),
    ]),
    page,
  };
}

export function forbiddenLetter(told: Told[], now: Date, timeZone: string): Alarm {
  const [first] = told;
  const one = told.length === 1 && first;
  return {
    subject: one
      ? `AWS forbids Latchkey to take access away: ${first.person}, ${first.role} in ${first.accountName}`
      : `AWS forbids Latchkey to take the access of ${told.length} grants away`,
    lead: `AWS refuses to let Latchkey take away what it gave${one ? ` to ${first.person}` : ''}. Until that is mended the access stays.`,
    next: 'Give Latchkey’s role the permission back, or remove the permission set from the management account if it was provisioned there; or end the access by hand in IAM Identity Center. Latchkey keeps trying.',
    facts: listed(told, (each) => [
      each.cannotRevokeSince ? `Forbidden since ${inBoth(each.cannotRevokeSince, timeZone)}.` : '',
      ...why(each),
      nextTry(each.nextTryAt, now, timeZone),
    ]),
    page,
  };
}

export function overLetter(): Alarm {
  return {
    subject: 'Everything that was overdue is gone now',
    lead: 'No access is overdue any more: AWS has confirmed that all of it is gone.',
    next: 'There is nothing left for you to do.',
    facts: [],
    page: { path: '/admin/health', label: 'See how Latchkey is' },
  };
}

function listed(told: Told[], words: (each: Told) => string[]): Alarm['facts'] {
  const facts = told.slice(0, LISTED).map((each) => ({
    label: `${each.requestNumber === null ? '' : `R-${each.requestNumber}: `}${each.person}, ${each.role} in ${each.accountName} (${each.accountId})`,
    value: words(each).filter(Boolean).join(' ').replace(/\s+/g, ' '),
  }));
  const more = told.length - facts.length;
  return more > 0 ? [...facts, { label: 'And', value: `${more} more; the page below has all of them` }] : facts;
}

function why(each: Told): string[] {
  const { why: words, says } = inTheWay(each, false);
  return [words, says === null ? '' : `AWS says: ${says}${/[.!]$/.test(says) ? '' : '.'}`];
}

function nextTry(at: Date | null, now: Date, timeZone: string): string {
  return at && at > now ? `The next try is at ${inBoth(at, timeZone)}.` : 'It is being tried now.';
}

/** As other mail has times: local to the reader, and in UTC. */
function inBoth(at: Date, timeZone: string): string {
  return timeZone === 'UTC'
    ? `${formatInZone(at, 'UTC')} UTC`
    : `${formatInZone(at, timeZone)} ${timeZone} (${formatUtc(at)})`;
}
