import { type Actor, record } from '../audit/index.ts';
import { requestSync } from '../directory/index.ts';
import { appNow, type Tx, violates } from '../platform/db.ts';
import { ConflictError, type FieldErrors, InvalidInputError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { formatUtc } from '../platform/time.ts';
import { readSettings } from '../settings/index.ts';
import type { Facts } from './check.ts';
import { readNames } from './names.ts';
import { type Author, isNameTaken, keepVersion, lockPolicy, removePolicy, type Stored } from './store.ts';
import type { PolicyContent, PolicyKind } from './types.ts';

interface AnyPolicy {
  id: string;
  version: number;
  name: string;
}

/** The policy that is changed, as the person saw it. */
export interface Seen {
  id: string;
  version: number;
}

/** What saving and deleting need to know of one kind of policy. */
export interface KindOfPolicy<P extends AnyPolicy> {
  kind: PolicyKind;
  find(tx: Tx, id: string): Promise<Stored<P> | null>;
  write(
    tx: Tx,
    which: { id: string | undefined; version: number },
    content: PolicyContent<P>,
    by: Author,
    now: Date,
  ): Promise<Stored<P>>;
  mistakes(content: PolicyContent<P>, facts: Facts): FieldErrors;
  /** Every reference that the policy makes, as `readNames` takes them. */
  references(content: PolicyContent<P>): string[];
}

/**
 * Creates the policy, or changes it where `seen` names one. Writes its version and the audit event with it. What
 * changes nothing writes nothing. Throws `InvalidInputError` with a sentence for each wrong field, `NotFoundError`
 * where it was deleted, and `ConflictError` where someone else changed it since the person saw it.
 */
export async function savePolicy<P extends AnyPolicy>(
  platform: Platform,
  how: KindOfPolicy<P>,
  content: PolicyContent<P> & { name: string },
  actor: Actor,
  seen?: Seen,
): Promise<Stored<P>> {
  try {
    return await platform.db.tx(async (tx) => {
      const before = seen === undefined ? null : await lockAsSeen(tx, how, seen);
      const now = await appNow(tx);
      const mistakes = how.mistakes(content, {
        names: await readNames(tx, how.references(content)),
        nameTaken: await isNameTaken(tx, how.kind, content.name, seen?.id),
        maxDurationMinutes: (await readSettings(tx)).settings.maxDurationMinutes,
      });
      if (Object.keys(mistakes).length > 0) throw new InvalidInputError(mistakes);

      if (before !== null && sameContent(before, content)) return before;
      const after = await how.write(tx, { id: before?.id, version: (before?.version ?? 0) + 1 }, content, actor, now);
      await keepVersion(
        tx,
        how.kind,
        { policyId: after.id, version: after.version, document: contentOf(after) },
        actor,
        now,
      );
      await record(tx, {
        kind: `${how.kind}-policy.${before ? 'changed' : 'created'}`,
        actor,
        subject: { kind: `${how.kind}-policy`, id: after.id },
        ...(before ? { before: { version: before.version, ...contentOf(before) } } : {}),
        after: { version: after.version, ...contentOf(after) },
      });
      // The members of a group are copied only once some policy names it.
      const known = new Set(before ? how.references(before) : []);
      const added = how.references(content).filter((ref) => ref.startsWith('GROUP:') && !known.has(ref));
      if (added.length > 0) await requestSync(platform, tx, actor);
      return after;
    });
  } catch (error) {
    // Two admins may create the same name at the same moment; the index then refuses the second.
    if (!violates(error, `${how.kind}_policies_name_unique`)) throw error;
    throw new InvalidInputError({
      name: 'Another policy has this name. Choose a name that says how this one differs.',
    });
  }
}

/**
 * Deletes the policy. Requests that rest on it keep what they copied of it. Throws `NotFoundError` where it is gone
 * already, and `ConflictError` where someone else changed it since the person saw it.
 */
export async function deletePolicy<P extends AnyPolicy>(
  { db }: Platform,
  how: KindOfPolicy<P>,
  seen: Seen,
  actor: Actor,
): Promise<Stored<P>> {
  return db.tx(async (tx) => {
    const before = await lockAsSeen(tx, how, seen);
    const now = await appNow(tx);
    await removePolicy(tx, how.kind, before.id);
    await keepVersion(tx, how.kind, { policyId: before.id, version: before.version + 1, document: null }, actor, now);
    await record(tx, {
      kind: `${how.kind}-policy.deleted`,
      actor,
      subject: { kind: `${how.kind}-policy`, id: before.id },
      before: { version: before.version, ...contentOf(before) },
    });
    return before;
  });
}

async function lockAsSeen<P extends AnyPolicy>(
  tx: Tx,
  how: KindOfPolicy<P>,
  { id, version }: Seen,
): Promise<Stored<P>> {
  await lockPolicy(tx, how.kind, id);
  const current = await how.find(tx, id);
  if (current === null) {
    throw new NotFoundError(
      'policy-gone',
      'This policy does not exist any more: someone deleted it. Nothing of yours was stored.',
    );
  }
  if (current.version !== version) {
    const { at, byName } = current.changed;
    throw new ConflictError(
      'policy-changed',
      `${byName} changed this policy at ${formatUtc(at)} while you had it open. Nothing of yours was stored: open it again to see it as it is now, and change it there.`,
    );
  }
  return current;
}

/** What the policy says, in the same order of fields for every version. */
function contentOf(policy: object): Record<string, unknown> {
  const entries = Object.entries(policy).filter(([key]) => key !== 'id' && key !== 'version' && key !== 'changed');
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function sameContent(a: object, b: object): boolean {
  return JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b));
}
