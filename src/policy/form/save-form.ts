import type { Actor } from '../../audit/index.ts';
import { appNow } from '../../platform/db.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { changePolicy } from '../change/change-policy.ts';
import { listVersions } from '../change/history-store.ts';
import type { AnyPolicy, Seen } from '../change/kind-of-policy.ts';
import { readRestoredFrom } from '../change/restore.ts';
import { readNames } from '../names.ts';
import { conflictRows } from './conflict.ts';
import type { Fields } from './field-values.ts';
import type { FormState } from './form-page.ts';
import type { PolicyPages } from './kinds.ts';
import { readWarnings } from './read-warnings.ts';
import type { PolicyState } from './summary.ts';

/** What came of a form: what it said holds or waits, or the form has to be shown again. */
export type Saved =
  | { ok: true; name: string; waitsAs: string | null; state: PolicyState; warnings: string[] }
  | ({ ok: false; status: number } & Pick<FormState, 'policy' | 'errors' | 'conflict'>);

/**
 * Saves what a form says: a new policy, or the next version of the one that was `seen`. Where another admin was quicker,
 * the form comes again with what they made of it, ready to be saved over it. Throws `NotFoundError` where there never
 * was such a policy.
 */
export async function saveForm<P extends AnyPolicy>(
  platform: Platform,
  pages: PolicyPages<P>,
  form: { fields: Fields; seen: Seen | undefined; timeZone: string },
  actor: Actor,
): Promise<Saved> {
  const { fields, seen, timeZone } = form;
  const { how } = pages;
  const { prisma } = platform.db;
  const policy = seen ? { id: seen.id, version: String(seen.version) } : null;
  const stored = seen ? await how.find(prisma, seen.id) : null;
  if (seen && stored === null) return afterDeletion(platform, pages, seen);

  const lost = stored && pages.wouldLose(stored, fields);
  if (lost) return { ok: false, status: 422, policy, errors: { form: lost } };
  const read = pages.read(fields, timeZone);
  if (!read.ok) return { ok: false, status: 422, policy, errors: read.errors };
  try {
    const restoredFrom = await readRestoredFrom(prisma, how, fields, seen?.id);
    const now = await appNow(prisma);
    // Before it is saved: then it is still known which groups nobody named so far, and whose members nobody knows.
    const warnings = await readWarnings(prisma, { id: seen?.id ?? null, ...pages.content(read.content) }, now);
    const outcome = await changePolicy(platform, how, { content: read.content, seen, restoredFrom }, actor);
    return { ok: true, ...outcome, state: pages.state(read.content, now), warnings };
  } catch (error) {
    if (error instanceof InvalidInputError) return { ok: false, status: error.status, policy, errors: error.fields };
    if (error instanceof NotFoundError && seen) return afterDeletion(platform, pages, seen);
    if (!(error instanceof ConflictError)) throw error;
    const now = seen && (await how.find(prisma, seen.id));
    if (!now || now.version === seen.version) {
      return { ok: false, status: error.status, policy, errors: { form: error.message } };
    }
    const [theirs, mine] = [pages.content(now), pages.content(pages.loose(fields, timeZone))];
    const names = await readNames(prisma, [...how.references(now), ...how.references(read.content)]);
    const rows = conflictRows(theirs, mine, names);
    const { byName, at } = now.changed;
    return {
      ok: false,
      status: error.status,
      policy: { id: now.id, version: String(now.version) },
      errors: {},
      conflict: { byName, at, theirs: `${pages.base}/${now.id}/edit`, rows },
    };
  }
}

/** The form as one of a new policy, with who deleted the old one. */
async function afterDeletion<P extends AnyPolicy>(
  { db }: Platform,
  { how, words }: PolicyPages<P>,
  { id }: Seen,
): Promise<Saved> {
  const filter = { kind: how.kind, policyId: id, deletedOnly: true };
  const [deletion] = await listVersions(db.prisma, filter, { from: 0, limit: 1 });
  if (!deletion) {
    throw new NotFoundError('policy-gone', `This ${words.one} does not exist any more. Perhaps someone deleted it.`);
  }
  const conflict = { byName: deletion.changedBy.name, at: deletion.changedAt, theirs: null, rows: [] };
  return { ok: false, status: 409, policy: null, errors: {}, conflict };
}
