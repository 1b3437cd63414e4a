import type { Actor } from '../../audit/index.ts';
import { findUser, membersOf } from '../../directory/index.ts';
import { otherAdmins, personaGroups } from '../../identity/index.ts';
import { type Alarm, enqueueAlarm } from '../../notify/index.ts';
import type { Tx } from '../../platform/db.ts';
import type { Platform } from '../../platform/index.ts';
import type { ProposedChange } from './change-store.ts';

type Told = Pick<ProposedChange, 'seen' | 'name' | 'ticket'> & { id: string; document: unknown };

/** Tells every other administrator by mail that a change waits for one of them, in the transaction that proposes it. */
export async function tellOtherAdmins(
  platform: Pick<Platform, 'config'>,
  tx: Tx,
  change: Told,
  actor: Actor,
): Promise<void> {
  for (const { id: userId, displayName: name, email: address } of await otherAdmins(platform, tx, actor.id)) {
    await enqueueAlarm(
      tx,
      `policy-change.${change.id}`,
      { userId, name, address },
      {
        subject: `${actor.name} asks you to confirm: ${whatItDoes(change)}`,
        lead: `${actor.name} proposed a change of a policy: ${whatItDoes(change)}.`,
        next: 'It holds once another administrator confirms it. The first decision counts.',
        ...common(change),
      },
    );
  }
}

/** Whether the person is no administrator any more, as the directory's copy has it; false where it has none at all. */
export async function isNoLongerAdmin(platform: Pick<Platform, 'config'>, tx: Tx, userId: string): Promise<boolean> {
  const members = await membersOf(tx, (await personaGroups(platform, tx)).admin);
  return members.length > 0 && !members.some(({ id, enabled }) => enabled && id === userId);
}

/** Tells who proposed the change what another administrator made of it, in the transaction that decides. */
export async function tellAuthor(
  tx: Tx,
  change: ProposedChange,
  verdict: { word: 'confirmed' | 'rejected'; comment: string },
  actor: Actor,
): Promise<void> {
  const author = await findUser(tx, change.proposedBy.id);
  if (author === null) return;
  const { word, comment } = verdict;
  const { facts, page } = common(change);
  const to = { userId: author.id, name: author.displayName, address: author.email };
  await enqueueAlarm(tx, `policy-change.${change.id}.${word}`, to, {
    subject: `${actor.name} ${word}: ${whatItDoes(change)}`,
    lead: `${actor.name} ${word} the change that you proposed: ${whatItDoes(change)}.`,
    next: word === 'confirmed' ? 'It holds from now on.' : 'The policy stays as it is. You can propose another change.',
    facts: [...facts, ...(comment ? [{ label: 'Comment', value: comment }] : [])],
    page,
  });
}

function common({ id, name, ticket }: Told): Pick<Alarm, 'facts' | 'page'> {
  return {
    facts: [{ label: 'Policy', value: name }, ...(ticket ? [{ label: 'Ticket', value: ticket }] : [])],
    page: { path: `/admin/policy-changes/${id}`, label: 'See the change' },
  };
}

function whatItDoes({ seen, document, name }: Told): string {
  if (seen === null) return `make ${name}`;
  return document === null ? `delete ${name}` : `change ${name}`;
}
