import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { record } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import { readTimeZone } from '../settings/index.ts';
import { sendCsv } from '../web/index.ts';
import { ACCESS_STATUSES, readListQuery, STATUSES } from './list-input.ts';
import { listPage } from './list-page.ts';
import { LOG_COLUMNS, requestLog } from './log-queries.ts';
import { countList, type ListRow, listAccess, listAll } from './queries.ts';

type Kind = 'requests' | 'access';

/** What auditors read: every request and every access, each also as CSV with the same filters. */
export function auditRoutes(app: FastifyInstance, { platform: { db } }: { platform: Platform }): void {
  const auditor = { config: { access: 'auditor' as const } };

  app.get('/audit/approvals', auditor, async (request, reply) => {
    const data = await list(request, 'requests', 'Search all requests');
    return reply.page('audit/approvals', data);
  });

  app.get('/audit/access', auditor, async (request, reply) => {
    const data = await list(request, 'access', 'Search all access');
    const rows = data.list.rows.map((row) => ({ ...row, lateMinutes: lateMinutes(row, data.now) }));
    return reply.page('audit/access', { ...data, list: { ...data.list, rows } });
  });

  app.get('/audit/approvals.csv', auditor, (request, reply) => exportLog(request, reply, 'requests', 'approvals.csv'));
  app.get('/audit/access.csv', auditor, (request, reply) => exportLog(request, reply, 'access', 'access.csv'));

  async function list(request: FastifyRequest, kind: Kind, searchLabel: string) {
    const query = kind === 'requests' ? listAll : listAccess;
    return await db.tx(async (tx) => {
      const options = { searchLabel, statuses: kind === 'requests' ? STATUSES : ACCESS_STATUSES };
      const { list: page, input } = await listPage(tx, request, options, (wanted) => query(tx, wanted));
      const total = await countList(tx, kind, input);
      const [{ now }] = await tx.$queryRaw<[{ now: Date }]>`select app_now() as now`;
      return { list: page, total, now, csvAddress: csvAddress(request.url) };
    });
  }

  /** Every export is itself an audit event: by whom, with which filters. */
  async function exportLog(request: FastifyRequest, reply: FastifyReply, kind: Kind, fileName: string) {
    const timeZone = await readTimeZone(db.prisma, request.signedIn().userId);
    const { input, values } = readListQuery(request.query, timeZone);
    await db.tx((tx) =>
      record(tx, {
        kind: 'export.made',
        actor: request.actor(),
        subject: { kind: 'export', id: fileName },
        after: { filters: values },
      }),
    );
    return sendCsv(reply, fileName, LOG_COLUMNS, requestLog(db.prisma, kind, input));
  }
}

/** The same list with the same filters, as a file: without the place in the list. */
function csvAddress(url: string): string {
  const [path = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.delete('cursor');
  const rest = parameters.toString();
  return `${path}.csv${rest === '' ? '' : `?${rest}`}`;
}

/** How long after its end was due the access was gone, or still is there. */
function lateMinutes(row: ListRow, now: Date): number {
  const due = row.endDueAt ?? row.closesAt;
  if (due === null || (row.endedAt === null && !row.overdue)) return 0;
  return Math.max(0, Math.floor(((row.endedAt ?? now).getTime() - due.getTime()) / 60_000));
}
