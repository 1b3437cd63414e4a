import type { FastifyInstance } from 'fastify';
import type { Person } from '../identity/index.ts';
import { appNow } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { type AccessRow, listActiveAccess, listEndedAccess, seesAllAccess } from './access-queries.ts';
import { windowOfRow } from './home.ts';
import { listPage } from './list-page.ts';

/** Active and ended access: one's own, what one approves for, or all of it for auditors and administrators. */
export function accessRoutes(app: FastifyInstance, { platform: { db } }: { platform: Platform }): void {
  const access = { config: { access: 'person' as const } };

  app.get('/access/active', access, async (request, reply) => {
    const person = request.signedIn();
    const options = {
      searchLabel: 'Search active access',
      statuses: ['scheduled', 'activating', 'active', 'ending'] as const,
    };
    const { list, now } = await db.tx(async (tx) => ({
      ...(await listPage(tx, request, options, (input) => listActiveAccess(tx, person, input))),
      now: await appNow(tx),
    }));
    const rows = list.rows.map((row) => ({
      ...row,
      effectiveEnd: windowOfRow(row).effectiveEnd,
      action: actionOn(row, person),
    }));
    return reply.page('access/active', { list: { ...list, rows }, now, ...scopeWords(person) });
  });

  app.get('/access/ended', access, async (request, reply) => {
    const person = request.signedIn();
    const options = { searchLabel: 'Search ended access', statuses: ['ended', 'revoked', 'failed'] as const };
    const { list } = await db.tx((tx) => listPage(tx, request, options, (input) => listEndedAccess(tx, person, input)));
    return reply.page('access/ended', { list, ...scopeWords(person) });
  });
}

/** The button at a row, where the person may end that access. */
function actionOn(row: AccessRow, person: Person): 'End access' | 'Revoke' | null {
  if (row.requestId === null || row.status === 'ending') return null;
  if (row.personId === person.userId) return 'End access';
  return row.inScope || person.personas.has('admin') ? 'Revoke' : null;
}

function scopeWords(person: Person): { scope: string; emptyTitle: string } {
  if (seesAllAccess(person)) return { scope: 'Of everyone.', emptyTitle: 'Nobody has elevated access' };
  if (person.personas.has('approver')) {
    return { scope: 'Yours, and what you approve for.', emptyTitle: 'Nobody has elevated access in your scope' };
  }
  return { scope: 'Yours.', emptyTitle: 'You have no elevated access now' };
}
