import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { csvCell } from '../../src/web/csv.ts';
import { sendCsv } from '../../src/web/index.ts';
import { createTinyPortal } from './tiny-portal.ts';

let app: FastifyInstance | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function* rowsOf<T>(...rows: T[]) {
  yield* rows;
}

async function download(rows: () => AsyncIterable<{ name: string; at: Date | null; count: number }>) {
  app = await createTinyPortal({}, (app) => {
    app.get('/list.csv', { config: { access: 'anyone' } }, async (_request, reply) =>
      sendCsv(
        reply,
        'list.csv',
        [
          { header: 'name', value: (row) => row.name },
          { header: 'at', value: (row) => row.at },
          { header: 'late_seconds', value: (row) => row.count },
        ],
        rows(),
      ),
    );
  });
  return app.inject('/list.csv');
}

test('a file has a header, quoted fields, CRLF and times in UTC', async () => {
  const at = new Date('2026-11-22T14:05:09.123Z');
  const answer = await download(() =>
    rowsOf({ name: 'Müller, "Bo"\nx', at, count: -5 }, { name: '', at: null, count: 0 }),
  );
  expect(answer.body).toBe(
    '"name","at","late_seconds"\r\n"Müller, ""Bo""\nx","2026-11-22T14:05:09Z","-5"\r\n"","","0"\r\n',
  );
  expect(answer.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="list.csv"',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
});

test('an empty list still has its header', async () => {
  expect((await download(() => rowsOf())).body).toBe('"name","at","late_seconds"\r\n');
});

test('what fails before the first row is an error page, not half a file', async () => {
  const answer = await download(async function* () {
    yield* [];
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  });
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['content-disposition']).toBeUndefined();
});

test('a long list is written while it is read', async () => {
  let made = 0;
  const answer = await download(async function* () {
    for (; made < 30_000; made++) yield { name: `person ${made}`, at: null, count: made };
  });
  expect(answer.body.trimEnd().split('\r\n')).toHaveLength(30_001);
});

test.each(['=1+1', '+1', '-1', '@x', '\tx', '\rx', '\n=x', '＝1', '＋1', '－1', '＠x'])(
  '%j is not a formula any more',
  (text) => {
    expect(csvCell(text)).toBe(`'${text}`);
  },
);

test('control characters cannot hide a formula, and plain words stay as they are', () => {
  expect(csvCell('\u0000=1')).toBe("'=1");
  expect(csvCell('a\u0007b')).toBe('ab');
  expect(csvCell('a=1')).toBe('a=1');
  expect(csvCell(-3)).toBe('-3');
});
