import { z } from 'zod';

/** What the page is asked: any of person, account and role, and for how long. Empty: not chosen. */
export interface WhoQuery {
  person: string;
  account: string;
  role: string;
  durationMinutes: number;
  ticket: string;
  /** What was searched for, where that works without scripts. */
  personQuery: string;
  accountQuery: string;
  roleQuery: string;
  cursor: string;
}

export const WHO = '/admin/who';

/** Zero bytes are left out: the database can look up no text with them. */
const line = (max: number) =>
  z
    .string()
    .overwrite((text) => text.replaceAll('\0', '').trim())
    .max(max)
    .catch('');

const Query = z.object({
  person: line(200),
  account: line(20),
  role: line(300),
  duration: z.coerce.number().int().min(1).max(1_000_000).catch(60),
  ticket: line(100),
  personQuery: line(200),
  accountQuery: line(200),
  roleQuery: line(200),
  cursor: z.string().catch(''),
});

/** From an address, or from the form that asks Identity Center. What cannot be read counts as not chosen. */
export function readWhoQuery(input: unknown): WhoQuery {
  const { duration, ...rest } = Query.parse(input ?? {});
  return { ...rest, durationMinutes: duration };
}

/** The address of an answer, to be shared: what was chosen and nothing else. */
export function whoAddress({
  person = '',
  account = '',
  role = '',
  durationMinutes = 60,
  ticket = '',
}: Partial<WhoQuery>): string {
  const chosen = { person, account, role, duration: durationMinutes === 60 ? '' : String(durationMinutes), ticket };
  const query = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value !== ''));
  return query.size === 0 ? WHO : `${WHO}?${query}`;
}
