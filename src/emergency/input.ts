import { z } from 'zod';
import { checkbox, text } from '../web/index.ts';

/** Zero bytes are left out: the database can look up no text with them. */
const line = (max: number) =>
  z
    .string()
    .overwrite((value) => value.replaceAll('\0', '').trim())
    .max(max)
    .catch('');

const Reason = text({ max: 1000, missing: 'Say why, for the other administrators and for the record.' });
const Typed = z.string().max(300).default('');

/** What the page is shown with: whom or what somebody looks for, where that works without scripts. */
const PageQuery = z.object({ person: line(200), account: line(20), personQuery: line(200), accountQuery: line(200) });

export type PageQuery = z.infer<typeof PageQuery>;

export function readPageQuery(query: unknown): PageQuery {
  return PageQuery.parse(query ?? {});
}

const ScopeQuery = z.object({
  scope: z.enum(['user', 'account', 'all']),
  person: line(200),
  account: line(20),
});

/** Whose access is to end; null where the address does not say. */
export function readScopeQuery(input: unknown): { kind: 'user' | 'account' | 'all'; id: string } | null {
  const parsed = ScopeQuery.safeParse(input ?? {});
  if (!parsed.success) return null;
  const { scope: kind, person, account } = parsed.data;
  const id = kind === 'user' ? person : kind === 'account' ? account : '';
  return kind !== 'all' && id === '' ? null : { kind, id };
}

export const GivingForm = z.object({ to: z.enum(['stop', 'allow']), confirmation: Typed, reason: Reason });

export const EndForm = z.object({ confirmation: Typed, reason: Reason, stopGiving: checkbox() });
