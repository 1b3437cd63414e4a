import { z } from 'zod';
import { parseLocalTime } from '../platform/time.ts';
import { searchWords } from '../web/index.ts';
import type { ListInput } from './queries.ts';
import type { SeenStatus } from './types.ts';

export const STATUSES: readonly SeenStatus[] = [
  'pending',
  'scheduled',
  'activating',
  'active',
  'ending',
  'ended',
  'revoked',
  'failed',
  'rejected',
  'cancelled',
  'expired',
];

/** Those that access can have, whatever became of a request without any. */
export const ACCESS_STATUSES: readonly SeenStatus[] = STATUSES.filter(
  (status) => !['pending', 'rejected', 'cancelled', 'expired'].includes(status),
);

// Before that, a day in some zone may begin in a year that the database does not have.
const Day = z.iso
  .date()
  .refine((day) => day >= '1900')
  .optional()
  .catch(undefined);
// A filter that cannot be read is no filter: an old or mistyped address still shows a list.
const Query = z.object({
  q: searchWords.optional().catch(undefined),
  status: z.enum(STATUSES).optional().catch(undefined),
  from: Day,
  to: Day,
  // Opaque, and yet an export's audit event keeps it: the database takes no zero bytes.
  cursor: z
    .string()
    .max(500)
    .transform((cursor) => cursor.replaceAll('\0', ''))
    .optional()
    .catch(undefined),
});

export interface ListQuery {
  /** For the query. */
  input: ListInput;
  /** For the form, as they stand in the address. */
  values: { q: string; status: string; from: string; to: string; cursor: string | null };
  filtered: boolean;
}

/** What a list's address asks for. Days are those of `timeZone`; `to` includes its whole day. */
export function readListQuery(query: unknown, timeZone: string): ListQuery {
  const { q, status, from, to, cursor } = Query.parse(query ?? {});
  return {
    input: {
      q,
      status,
      from: startOf(from, timeZone),
      to: to === undefined ? undefined : startOf(dayAfter(to), timeZone),
      cursor,
    },
    values: { q: q ?? '', status: status ?? '', from: from ?? '', to: to ?? '', cursor: cursor ?? null },
    filtered: Boolean(q || status || from || to),
  };
}

function startOf(day: string | undefined, timeZone: string): Date | undefined {
  if (day === undefined) return undefined;
  const time = parseLocalTime(`${day}T00:00`, timeZone);
  if (time.kind === 'instant') return time.at;
  if (time.kind === 'ambiguous') return time.choices[0]?.at;
  // Some zones skip midnight when their clocks change.
  const later = parseLocalTime(`${day}T01:00`, timeZone);
  return later.kind === 'instant' ? later.at : undefined;
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
