import { type Actor, record } from '../../audit/index.ts';
import { appNow, type Tx } from '../../platform/db.ts';
import { ConflictError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { readSettings } from '../../settings/index.ts';
import type { PolicyContent } from '../types.ts';
import {
  applyContent,
  applyDeletion,
  checkContent,
  checkTicket,
  contentOf,
  lockAsSeen,
  type RestoredFrom,
  sameContent,
  withNamesApart,
} from './apply.ts';
import { insertChange, lockProposing, type ProposedChange, waitingFor, waitingToMake } from './change-store.ts';
import { type AnyPolicy, type KindOfPolicy, type Seen, subjectKind } from './kind-of-policy.ts';
import { restoredAs } from './restore.ts';
import { tellOtherAdmins } from './tell-admins.ts';

/** What came of a change: it holds, or it waits for another admin as the change of this ID. */
export interface Outcome {
  name: string;
  /** The policy; null where it is still to be made. */
  id: string | null;
  waitsAs: string | null;
}

/**
 * Creates the policy, or changes it where `seen` names one: at once, or where the portal asks for a second admin, once
 * another one confirms it. What changes nothing writes nothing. Throws `InvalidInputError` with a sentence for each wrong
 * field, `NotFoundError` where the policy was deleted, and `ConflictError` where someone else changed it since the person
 * saw it, or a change of it waits already.
 */
export async function changePolicy<P extends AnyPolicy>(
  platform: Platform,
  how: KindOfPolicy<P>,
  wanted: {
    content: PolicyContent<P> & { name: string; ticket: string };
    seen: Seen | undefined;
    /** The version that its form was filled with; kept only where the content still says the same. */
    restoredFrom: RestoredFrom | null;
  },
  actor: Actor,
): Promise<Outcome> {
  const { content, seen } = wanted;
  const { name, ticket } = content;
  return withNamesApart(
    platform.db.tx(async (tx) => {
      const waits = await needsSecondAdmin(tx);
      const before = seen === undefined ? null : await lockAsSeen(tx, how, seen);
      await checkContent(tx, how, content, before);
      if (before !== null && sameContent(before, content)) return { name, id: before.id, waitsAs: null };
      const restoredFrom = wanted.restoredFrom && (await restoredAs(tx, how, content, wanted.restoredFrom));
      if (!waits) {
        const { id } = await applyContent(
          platform,
          tx,
          how,
          { before, content, restoredFrom },
          { actor, proposedBy: null },
        );
        return { name, id, waitsAs: null };
      }
      const document = { ...contentOf(content), ...(restoredFrom ? { restoredFrom } : {}) };
      const change = { kind: how.kind, seen: seen ?? null, name, ticket, document };
      return { name, id: seen?.id ?? null, waitsAs: await propose(platform, tx, change, actor) };
    }),
  );
}

/**
 * Deletes the policy, in the same two ways and with the same refusals. What is pending follows the policies that are
 * left; access that was given stays until it ends.
 */
export async function removePolicy<P extends AnyPolicy>(
  platform: Platform,
  how: KindOfPolicy<P>,
  wanted: { seen: Seen; ticket: string },
  actor: Actor,
): Promise<Outcome> {
  const { seen, ticket } = wanted;
  return platform.db.tx(async (tx) => {
    const waits = await needsSecondAdmin(tx);
    const before = await lockAsSeen(tx, how, seen);
    await checkTicket(tx, ticket);
    const { id, name } = before;
    if (!waits) {
      await applyDeletion(platform, tx, how, { before, ticket }, { actor, proposedBy: null });
      return { name, id, waitsAs: null };
    }
    const change = { kind: how.kind, seen, name, ticket, document: null };
    return { name, id, waitsAs: await propose(platform, tx, change, actor) };
  });
}

async function needsSecondAdmin(tx: Tx): Promise<boolean> {
  return (await readSettings(tx)).settings.secondAdminRequired;
}

async function propose(
  platform: Platform,
  tx: Tx,
  change: Pick<ProposedChange, 'kind' | 'seen' | 'name' | 'ticket'> & { document: object | null },
  actor: Actor,
): Promise<string> {
  await lockProposing(tx);
  const { kind, seen, name, ticket, document } = change;
  const other = seen ? await waitingFor(tx, seen.id) : await waitingToMake(tx, kind, name);
  if (other !== null) throw waitsAlready(other);
  const id = await insertChange(tx, change, actor, await appNow(tx));
  await record(tx, {
    kind: 'policy-change.proposed',
    actor,
    subject: { kind: 'policy-change', id },
    after: {
      policy: { kind: subjectKind(kind), id: seen?.id ?? null, name },
      baseVersion: seen?.version ?? 0,
      ticket,
      document,
    },
  });
  await tellOtherAdmins(platform, tx, { id, ...change }, actor);
  return id;
}

function waitsAlready({ proposedBy, seen, name }: ProposedChange): ConflictError {
  const what = seen ? 'a change of this policy' : `a new policy with the name ${name}`;
  return new ConflictError(
    'change-waits',
    `${proposedBy.name} proposed ${what}, which waits for another admin. Nothing of yours was stored. Look at it under Policy changes: once it is confirmed, rejected or withdrawn, you can make yours.`,
  );
}
