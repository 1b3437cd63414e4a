import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { record } from '../audit/index.ts';
import { NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { type CsvColumn, sendCsv } from '../web/index.ts';
import { activitySection } from './section.ts';
import { allEvents, type StoredEvent } from './store.ts';

export interface ActivityRouteOptions {
  platform: Platform;
  /** The number (R-1042) of a request whose details this reader may see; null where they may not know of it. */
  readableRequest(request: FastifyRequest, requestId: string): Promise<string | null>;
}

const Params = z.object({ id: z.uuid() });
const flag = z.preprocess((value) => value !== undefined && value !== '', z.boolean());
const Filter = z
  .object({ changes: flag, denied: flag })
  .transform(({ changes, denied }) => ({ changesOnly: changes, deniedOnly: denied }));

const COLUMNS: CsvColumn<StoredEvent>[] = [
  { header: 'time', value: (event) => event.at },
  { header: 'event', value: (event) => event.name },
  { header: 'service', value: (event) => event.service },
  { header: 'region', value: (event) => event.region },
  { header: 'resource', value: (event) => event.resource },
  { header: 'error', value: (event) => event.error },
  { header: 'source_ip', value: (event) => event.sourceAddress },
  { header: 'read_only', value: (event) => event.readOnly },
  { header: 'event_id', value: (event) => event.eventId },
];

/** The activity of a request: the part of its page by itself, and all of it as CSV. */
export async function activityRoutes(
  app: FastifyInstance,
  { platform, readableRequest }: ActivityRouteOptions,
): Promise<void> {
  async function read(request: FastifyRequest) {
    const params = Params.safeParse(request.params);
    const number = params.success ? await readableRequest(request, params.data.id) : null;
    if (!params.success || number === null) throw new NotFoundError('no-such-request', 'There is no such request.');
    return { id: params.data.id, number, filter: Filter.parse(request.query) };
  }

  app.get('/requests/:id/activity', { config: { access: 'person' } }, async (request, reply) => {
    const { id, number, filter } = await read(request);
    const activity = await activitySection(platform, id, filter);
    return reply.page('activity/show', { title: `Activity of ${number}`, number, activity });
  });

  app.get('/requests/:id/activity.csv', { config: { access: 'person' } }, async (request, reply) => {
    const { id, number, filter } = await read(request);
    const fileName = `activity-${number}.csv`;
    await platform.db.tx((tx) =>
      record(tx, {
        kind: 'export.made',
        actor: request.actor(),
        subject: { kind: 'export', id: fileName },
        requestId: id,
        after: { filters: { ...filter } },
      }),
    );
    return sendCsv(reply, fileName, COLUMNS, allEvents(platform.db.prisma, id, filter));
  });
}
