import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { readSettings } from '../settings/index.ts';
import { submitted } from '../web/index.ts';
import { approveRequest } from './approve-request.ts';
import { type BulkChoice, readBulk, sayWaits } from './decision-routes.ts';
import { homeOf } from './home.ts';
import { listPage } from './list-page.ts';
import { requestNumber } from './number.ts';
import { listDecidedBy, listMine, listWaiting } from './queries.ts';
import { COMMENT_MISSING } from './refuse.ts';
import { rejectRequest } from './reject-request.ts';
import { seeRequest } from './view-request.ts';

interface Result {
  id: string;
  number: string;
  ok: boolean;
  text: string;
}

/** Home and the lists of requesters and approvers. */
export function listRoutes(app: FastifyInstance, platform: Platform): void {
  const { db } = platform;
  const person = { config: { access: 'person' as const } };
  const approver = { config: { access: 'approver' as const } };

  app.get('/', person, async (request, reply) =>
    reply.page('request/home', { home: await db.tx((tx) => homeOf(platform, tx, request.signedIn())) }),
  );

  app.get('/requests', person, async (request, reply) => {
    const { userId } = request.signedIn();
    const options = { searchLabel: 'Search my requests' };
    const { list } = await db.tx((tx) => listPage(tx, request, options, (input) => listMine(tx, userId, input)));
    return reply.page('request/index', { list });
  });

  app.get('/approvals', approver, async (request, reply) => reply.page('request/approvals', await waiting(request)));

  app.post('/approvals', approver, async (request, reply) => {
    const read = readBulk(request.body);
    const sent = submitted(request.body);
    const typed = { comment: [sent.comment ?? ''].flat()[0] ?? '', chosen: chosenIds(sent.chosen) };
    if (!read.ok) {
      const page = await waiting(request);
      return reply.code(422).page('request/approvals', { ...page, ...typed, errors: read.errors });
    }
    if (read.values.comment === '' && (await readSettings(db.prisma)).settings.commentRequired) {
      const errors = { comment: COMMENT_MISSING };
      return reply.code(422).page('request/approvals', { ...(await waiting(request)), ...typed, errors });
    }
    const results = await decideAll(request, read.values);
    return reply.page('request/approvals', { ...(await waiting(request)), results });
  });

  app.get('/approvals/mine', approver, async (request, reply) => {
    const { userId } = request.signedIn();
    const options = { searchLabel: 'Search what I decided' };
    const { list } = await db.tx((tx) => listPage(tx, request, options, (input) => listDecidedBy(tx, userId, input)));
    return reply.page('request/decided', { list });
  });

  async function waiting(request: FastifyRequest) {
    const me = request.signedIn();
    const options = { searchLabel: 'Search what waits for me', statuses: [] };
    return await db.tx(async (tx) => {
      const { list } = await listPage(tx, request, options, (input) => listWaiting(tx, me, input));
      const last = list.rows.length > 0 ? [] : (await listDecidedBy(tx, me.userId, { size: 5 })).rows;
      const { commentRequired } = (await readSettings(tx)).settings;
      return { list, last, results: null, comment: '', commentRequired, chosen: [] as string[] };
    });
  }

  /** Each by itself: what is refused for one does not hold up the others. */
  async function decideAll(request: FastifyRequest, { verdict, comment, chosen }: BulkChoice): Promise<Result[]> {
    const decide = verdict === 'approve' ? approveRequest : rejectRequest;
    const results: Result[] = [];
    for (const { requestId, version } of chosen) {
      let number = 'This request';
      try {
        const seen = await seeRequest(db.prisma, request.signedIn(), requestId);
        number = requestNumber(seen.request);
        const after = await decide(platform, { requestId, version, comment }, request.actor());
        const text = after.status === 'pending' ? `your approval is recorded; ${sayWaits(after)}` : after.status;
        results.push({ id: requestId, number, ok: true, text: `${text}.` });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        results.push({ id: requestId, number, ok: false, text: error.message });
      }
    }
    return results;
  }
}

function chosenIds(sent: string | string[] | undefined): string[] {
  return sent === undefined ? [] : [sent].flat().map((each) => each.split(':', 1)[0] ?? '');
}
