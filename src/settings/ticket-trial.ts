import { submitted } from '../web/index.ts';
import { linkMistake, patternMistake, ticketAddress, ticketMistake } from './ticket.ts';

/** What the ticket settings of a form would do with its example. */
export interface TicketTrial {
  example: string;
  /** Null: fits, or there is nothing to try yet. */
  mistake: string | null;
  /** What is said about the pattern; empty where there is nothing to try. */
  verdict: string;
  /** Where a ticket would lead; null: nowhere. */
  address: string | null;
}

/** Tries the example of a form that is being filled in; nothing is stored. */
export function tryTicket(body: unknown): TicketTrial {
  const given = submitted(body);
  const one = (name: string, most: number) => ([given[name] ?? ''].flat()[0] ?? '').trim().slice(0, most);
  const settings = {
    ticketPattern: one('ticketPattern', 201),
    ticketExample: one('ticketExample', 100),
    ticketLink: one('ticketLink', 501),
  };
  const { ticketPattern: pattern, ticketExample: example, ticketLink: link } = settings;
  const badPattern = pattern.length > 200 ? 'The pattern has at most 200 characters.' : patternMistake(pattern);
  const badLink = link.length > 500 ? 'The link has at most 500 characters.' : linkMistake(link);
  const fits = badPattern === null && ticketMistake(settings, example) === null;
  return {
    example,
    mistake: badPattern ?? badLink ?? (fits ? null : `${example} does not match the pattern.`),
    verdict: verdictOf(pattern, example, fits),
    address: badLink === null ? ticketAddress(settings, example || 'CHG-1234') : null,
  };
}

function verdictOf(pattern: string, example: string, fits: boolean): string {
  if (!fits) return '';
  if (pattern === '') return 'Any text is accepted as a ticket.';
  return example === '' ? 'Write an example to try the pattern.' : `${example} matches the pattern.`;
}
