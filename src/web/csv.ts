import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { FastifyReply } from 'fastify';
import { formatUtc } from '../platform/time.ts';

type Cell = string | number | boolean | Date | null;

export interface CsvColumn<Row> {
  header: string;
  value(row: Row): Cell;
}

/**
 * Sends rows as a CSV file while they are read, in constant memory: RFC 4180 with every field quoted, CRLF, UTF-8,
 * times in UTC. `fileName` is ours, never a person's words.
 */
export async function sendCsv<Row>(
  reply: FastifyReply,
  fileName: string,
  columns: CsvColumn<Row>[],
  rows: AsyncIterable<Row>,
): Promise<FastifyReply> {
  const source = rows[Symbol.asyncIterator]();
  // Before the first byte an error can still become an error page.
  let next = await source.next();

  async function* lines() {
    try {
      yield columns.map((column) => column.header);
      for (; !next.done; next = await source.next()) {
        const row = next.value;
        yield columns.map((column) => csvCell(column.value(row)));
      }
    } finally {
      await source.return?.();
    }
  }

  const csv = stringify({ quoted: true, quoted_empty: true, record_delimiter: '\r\n' });
  const body = Readable.from(lines()).compose(csv);
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .header('cache-control', 'no-store')
    .send(body);
}

/**
 * One cell as text. What a spreadsheet would run as a formula gets an apostrophe in front (OWASP "CSV Injection");
 * control characters other than line breaks and tabs are dropped.
 */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  if (value instanceof Date) return formatUtc(value);
  if (typeof value !== 'string') return String(value);
  const text = value.replace(/\p{Cc}/gu, (character) => (/[\t\r\n]/.test(character) ? character : ''));
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}
