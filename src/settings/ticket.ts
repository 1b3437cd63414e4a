import { RE2JS } from 're2js';
import { messageOf } from '../platform/errors.ts';
import type { Settings } from './schema.ts';

/** Where a link template takes the ticket. */
const TICKET_PLACE = '{ticket}';

/**
 * What is wrong with a ticket, as a sentence for its field; null where nothing is. An empty ticket is never wrong
 * here: whether one is needed is for the policies to say.
 */
export function ticketMistake(
  settings: Pick<Settings, 'ticketPattern' | 'ticketExample'>,
  ticket: string,
): string | null {
  if (settings.ticketPattern === '' || ticket === '' || compiled(settings.ticketPattern).matches(ticket)) return null;
  return settings.ticketExample === ''
    ? `This does not look like a ticket of your organization: it has to match ${settings.ticketPattern}.`
    : `This does not look like a ticket of your organization. Write it like ${settings.ticketExample}.`;
}

/** Where the ticket is read about: the link template with the ticket, percent-encoded; null where there is none. */
export function ticketAddress(settings: Pick<Settings, 'ticketLink'>, ticket: string): string | null {
  // As part of a path these two would name another place.
  if (settings.ticketLink === '' || ticket === '' || ticket === '.' || ticket === '..') return null;
  return settings.ticketLink.replaceAll(TICKET_PLACE, () => encodeURIComponent(ticket.toWellFormed()));
}

/** Why the pattern cannot be used, as a sentence; null where it can. */
export function patternMistake(pattern: string): string | null {
  if (pattern === '') return null;
  try {
    compiled(pattern);
    return null;
  } catch (error) {
    const detail = messageOf(error).replace('error parsing regexp: ', '');
    return `This is not a pattern that can be used (${detail}). Write it like CHG-[0-9]+, without look-around and back-references.`;
  }
}

/** Why the link template cannot be used, as a sentence; null where it can. */
export function linkMistake(template: string): string | null {
  if (template === '') return null;
  if (!template.includes(TICKET_PLACE)) {
    return `Put ${TICKET_PLACE} where the ticket goes, like https://tickets.example.com/browse/${TICKET_PLACE}.`;
  }
  const [one, other] = ['a', 'b'].map((ticket) => URL.parse(template.replaceAll(TICKET_PLACE, ticket)));
  if (!one || !other || one.protocol !== 'https:') return 'Give a whole address that begins with https://.';
  if (one.username !== '' || one.password !== '') return 'Give the address without a user name and password in it.';
  // Otherwise whoever writes a ticket chooses where its readers are led.
  if (one.host !== other.host) return `The ticket may stand after the host name only, not in it.`;
  return null;
}

let last: { pattern: string; regexp: RE2JS } | null = null;

/** RE2 matches in time linear in the text, whatever an admin writes: a pattern cannot hang the process. */
function compiled(pattern: string): RE2JS {
  if (last?.pattern !== pattern) last = { pattern, regexp: RE2JS.compile(pattern) };
  return last.regexp;
}
