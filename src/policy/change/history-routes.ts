import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { NotFoundError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { readNames } from '../names.ts';
import type { PolicyKind } from '../types.ts';
import { PLACES, readContent, referencesOf, withKind } from './all-kinds.ts';
import { differences } from './difference.ts';
import { readHistory, said, versionRows } from './history-pages.ts';
import { findVersion } from './history-store.ts';

const Cursor = z.object({ cursor: z.string().optional().catch(undefined) });
const Which = z.object({ id: z.uuid(), version: z.coerce.number().int().min(1).max(999_999_999).optional() });

/** The versions of a policy, also of one that is gone: all of them, and one as it was. Auditors read them too. */
export function registerHistory(app: FastifyInstance, { db: { prisma } }: Platform, kind: PolicyKind): void {
  const { base, one } = PLACES[kind];
  const access = { config: { access: ['admin', 'auditor'] as ['admin', 'auditor'] } };

  const which = (request: FastifyRequest) => {
    const { data } = Which.safeParse(request.params);
    if (data) return data;
    throw new NotFoundError('version-gone', `There is no such ${one}.`);
  };
  const now = (id: string) => withKind(kind, (how) => how.find(prisma, id)) as Promise<{ version: number } | null>;
  const about = (request: FastifyRequest) => ({
    base,
    one,
    heading: PLACES[kind].title,
    mayEdit: request.signedIn().personas.has('admin'),
  });

  app.get(`${base}/:id/versions`, access, async (request, reply) => {
    const { id } = which(request);
    const { cursor } = Cursor.parse(request.query);
    const history = await readHistory(prisma, { kind, policyId: id }, { address: request.url, cursor });
    const [latest] = history.rows;
    if (latest === undefined) throw new NotFoundError('policy-gone', `There never was such an ${one}.`);
    const current = await now(id);
    const rows = history.rows.map((row) => {
      const isOlder = row.what !== 'Deleted' && row.number !== current?.version;
      return isOlder ? { ...row, restoreAddress: restoreAddress(base, id, row.number, current !== null) } : row;
    });
    return reply.page('policy/history', { ...about(request), ...history, rows, id, latest, now: current });
  });

  app.get(`${base}/:id/versions/:version`, access, async (request, reply) => {
    const { id, version = 0 } = which(request);
    const found = await findVersion(prisma, kind, id, version);
    if (found === null) throw new NotFoundError('version-gone', `There is no such version of this ${one}.`);
    const [row] = await versionRows(prisma, [found]);
    const content = found.document === null ? null : readContent(kind, found.document);
    const current = await now(id);
    // As it would be kept: a policy is its content with an ID and a version.
    const today = current && readContent(kind, JSON.parse(JSON.stringify(current)));
    const references = [content, today].flatMap((each) => (each ? referencesOf(each) : []));
    const names = await readNames(prisma, references);
    return reply.page('policy/version', {
      ...about(request),
      row,
      statements: content && said(content, names),
      sinceThen: content && today ? differences(content, today, names) : [],
      isCurrent: current?.version === version,
      editAddress: current && `${base}/${id}/edit`,
      restoreAddress: restoreAddress(base, id, version, current !== null),
    });
  });
}

/** A form filled with what the policy said in this version. */
function restoreAddress(base: string, id: string, version: number, isThere: boolean): string {
  return isThere ? `${base}/${id}/edit?version=${version}` : `${base}/new?from=${id}&version=${version}`;
}
