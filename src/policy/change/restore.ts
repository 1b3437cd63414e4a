import { z } from 'zod';
import type { Tx } from '../../platform/db.ts';
import { NotFoundError } from '../../platform/errors.ts';
import { type Fields, one } from '../form/field-values.ts';
import type { PolicyContent } from '../types.ts';
import { contentOf, type RestoredFrom } from './apply.ts';
import { findChange, type ProposedChange } from './change-store.ts';
import { findVersion } from './history-store.ts';
import type { AnyPolicy, KindOfPolicy } from './kind-of-policy.ts';

const Query = z.object({
  from: z.uuid().optional().catch(undefined),
  version: z.coerce.number().int().min(1).max(999_999_999).optional().catch(undefined),
});

/**
 * The older version that a form's address asks to bring back (`version=`, and `from=` for a policy that is gone), as
 * what the policy said then and the field that keeps where it comes from. Null where it asks for none. Throws
 * `NotFoundError` where there is no such version.
 */
export async function readRestorable<P extends AnyPolicy>(
  tx: Tx,
  how: KindOfPolicy<P>,
  query: unknown,
  policyId?: string,
): Promise<{ content: PolicyContent<P>; field: Fields } | null> {
  const { from, version } = Query.parse(query);
  const id = policyId ?? from;
  if (id === undefined || version === undefined) return null;
  const found = await findVersion(tx, how.kind, id, version);
  if (found === null || found.document === null) {
    throw new NotFoundError('version-gone', 'There is no such version to restore. Choose one from the history.');
  }
  // The ticket of back then is not the reason for this change.
  const document = { ...Object(found.document), ticket: '' };
  return { content: how.fromDocument(document), field: { restoredFrom: `${id}:${version}` } };
}

/**
 * The rejected or withdrawn change that a form's address asks to propose again (`change=`), and what the policy was to
 * say. Null where it asks for none. Throws `NotFoundError` where there is no such change of this policy.
 */
export async function readDeclined<P extends AnyPolicy>(
  tx: Tx,
  how: KindOfPolicy<P>,
  query: unknown,
  policyId?: string,
): Promise<{ content: PolicyContent<P>; change: ProposedChange } | null> {
  const { change: id } = z.object({ change: z.uuid().optional().catch(undefined) }).parse(query);
  if (id === undefined) return null;
  const change = await findChange(tx, id);
  const isDeclined = change?.status === 'rejected' || change?.status === 'withdrawn';
  const isOfThis = change?.kind === how.kind && (policyId === undefined || change.seen?.id === policyId);
  if (change === null || !isDeclined || !isOfThis || change.document === null) {
    throw new NotFoundError('change-gone', 'There is no such change to propose again. Choose one from policy changes.');
  }
  return { content: how.fromDocument(change.document), change };
}

/** The version that the form was filled with, where there is such a one: of the same policy, if one is changed. */
export async function readRestoredFrom<P extends AnyPolicy>(
  tx: Tx,
  how: KindOfPolicy<P>,
  fields: Fields,
  policyId: string | undefined,
): Promise<RestoredFrom | null> {
  const [id, version] = one(fields, 'restoredFrom').split(':');
  const { data } = z.object({ id: z.uuid(), version: z.coerce.number().int().min(1).max(999_999_999) }).safeParse({
    id,
    version,
  });
  if (data === undefined || (policyId !== undefined && data.id !== policyId)) return null;
  const found = await findVersion(tx, how.kind, data.id, data.version);
  return found === null ? null : { policyId: data.id, version: data.version };
}

/**
 * The version, where the content says what it said, apart from the name and the ticket; null where it says something
 * else by now: then calling it that version would have those who confirm or read it believe what is not so.
 */
export async function restoredAs<P extends AnyPolicy>(
  tx: Tx,
  how: KindOfPolicy<P>,
  content: PolicyContent<P>,
  from: RestoredFrom,
): Promise<RestoredFrom | null> {
  const found = await findVersion(tx, how.kind, from.policyId, from.version);
  if (found === null || found.document === null) return null;
  return meaningOf(content) === meaningOf(how.fromDocument(found.document)) ? from : null;
}

/** What the policy says, as text to compare: lists of names mean the same in any order. */
function meaningOf(content: object): string {
  return JSON.stringify({ ...contentOf(content), name: '', ticket: '' }, (_key, value: unknown) =>
    Array.isArray(value) && value.every((each) => typeof each === 'string') ? value.toSorted() : value,
  );
}
