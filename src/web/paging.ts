import { z } from 'zod';

/** A number and a time in a cursor: no more than the database can compare with. */
export const cursorNumber = z.int32();
export const cursorTime = z.iso.datetime().refine((time) => time >= '1900');

/** What is typed into the search of a list. The database can look up no zero byte. */
export const searchWords = z
  .string()
  .trim()
  .max(200)
  .transform((q) => q.replaceAll('\0', ''));

/** Rows on one page of a list. */
export const PAGE_SIZE = 50;

export interface Page<Row> {
  rows: Row[];
  /** Where the next page starts; null on the last one. */
  next: string | null;
}

/**
 * The place in a list after which the next page starts, as an opaque word in the address: the sort key of the last
 * row. `decode` gives null for anything that is not a place in this list, which then starts at its beginning.
 */
export function createCursor<Key>(schema: z.ZodType<Key>) {
  return {
    encode: (key: Key): string => Buffer.from(JSON.stringify(key)).toString('base64url'),
    decode(text: unknown): Key | null {
      if (typeof text !== 'string' || text.length > 500 || !/^[\w-]+$/.test(text)) return null;
      try {
        const parsed = schema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString()));
        return parsed.success ? parsed.data : null;
      } catch {
        return null;
      }
    },
  };
}

/** Makes a page of what a query for `size + 1` rows gave. */
export function pageOf<Row>(found: Row[], cursorAfter: (last: Row) => string, size = PAGE_SIZE): Page<Row> {
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  return { rows, next: found.length > size && last !== undefined ? cursorAfter(last) : null };
}
