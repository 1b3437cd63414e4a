import { whyNotDone } from '../access/index.ts';
import type { Alarm } from '../notify/index.ts';
import { formatUtc } from '../platform/time.ts';
import type { Told } from './alarm-store.ts';
import { lasting } from './words.ts';

/** So many are listed; the page has all of them. */
const LISTED = 20;

const page = { path: '/admin/health', label: 'See what stands in the way' };

export function overdueLetter(late: Told[], after: string, now: Date): Alarm {
  const [first] = late;
  const one = late.length === 1 && first;
  return {
    subject: one
      ? `Overdue for ${after}: ${first.person}, ${first.role} in ${first.accountName}`
      : `${late.length} grants are overdue for ${after}`,
    lead: one
      ? `The access of ${first.person} as ${first.role} in ${first.accountName} should be gone for more than ${after}, and AWS has not let it go.`
      : `The access of ${late.length} grants should be gone for more than ${after}, and AWS has not let it go.`,
    next: 'Latchkey keeps trying without end, and writes again when all of it is over. If AWS itself is at fault there is nothing to do but to wait; else the page below says what stands in the way.',
    facts: listed(late, ({ dueAt, lastError, nextTryAt }) => {
      const since = dueAt ? `since ${formatUtc(dueAt)} (${lasting(now.getTime() - dueAt.getTime())})` : '';
      return [since, whyNotDone(lastError, null, false), lastError ? `AWS says: ${lastError}` : '', nextTry(nextTryAt)];
    }),
    page,
  };
}

export function forbiddenLetter(told: Told[], now: Date): Alarm {
  const [first] = told;
  const one = told.length === 1 && first;
  return {
    subject: one
      ? `AWS forbids Latchkey to take access away: ${first.person}, ${first.role} in ${first.accountName}`
      : `AWS forbids Latchkey to take the access of ${told.length} grants away`,
    lead: `AWS refuses to let Latchkey take away what it gave${one ? ` to ${first.person}` : ''}. Until that is mended the access stays.`,
    next: 'Give Latchkey’s role the permission back, or remove the permission set from the management account if it was provisioned there; or end the access by hand in IAM Identity Center. Latchkey keeps trying.',
    facts: listed(told, ({ lastError, nextTryAt }) => [
      `noticed at ${formatUtc(now)}`,
      lastError ? `AWS says: ${lastError}` : '',
      nextTry(nextTryAt),
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
    value: words(each).filter(Boolean).join('; '),
  }));
  const more = told.length - facts.length;
  return more > 0 ? [...facts, { label: 'And', value: `${more} more; the page below has all of them` }] : facts;
}

function nextTry(at: Date | null): string {
  return at ? `next try at ${formatUtc(at)}` : '';
}
