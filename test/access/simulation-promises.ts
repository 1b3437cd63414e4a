import { MINUTE, type OpenGrant, type OperationKind, type Tuple } from '../../src/access/tuple.ts';
import type { Action } from '../../src/access/turn.ts';
import type { SimulatedAws } from './simulated-aws.ts';

/** What the simulation knows beside the rows. */
interface Facts {
  aws: SimulatedAws;
  /** Since when the person's rights are refused; null: they have them. */
  refusedSince: number | null;
  mayGive: boolean;
  looksTrustedFrom: number | null;
}

/** What must hold at every single turn; throws where it does not. */
export function checkPromises(before: Tuple, after: Tuple, action: Action, facts: Facts): void {
  checkAsking(after, action, facts);
  checkObligation(before, after, facts);
  for (const grant of after.grants) {
    const old = before.grants.find(({ id }) => id === grant.id);
    if (old?.status === grant.status) continue;
    if (grant.status === 'active' && !facts.mayGive && grant.basis !== 'adopted')
      throw new Error('Given while giving is stopped.');
    if (grant.status === 'active') checkActive(grant, before, after, facts);
    if (grant.status === 'ended' || grant.status === 'revoked') checkOver(grant, before, after, facts);
  }
}

function checkAsking(after: Tuple, action: Action, { aws, mayGive, looksTrustedFrom }: Facts): void {
  if (action.kind === 'check-rights' && action.thenCreate && !mayGive) throw new Error('To be given while stopped.');
  if (action.kind !== 'ask') return;
  const { kind } = action.operation;
  if (after.ownership !== 'ours') throw new Error('AWS was asked for what is not ours.');
  if (after.mustBeGoneBy === null) throw new Error('AWS was asked before the obligation stood.');
  if (kind === 'delete' && aws.standing) throw new Error('A standing assignment is to be deleted.');
  if (kind === 'delete') return;
  if (!mayGive) throw new Error('Given while giving is stopped.');
  if (looksTrustedFrom !== null && after.observedAt!.getTime() < looksTrustedFrom)
    throw new Error('Given on a look from before the silence.');
}

function checkObligation(before: Tuple, after: Tuple, { aws }: Facts): void {
  const promised = after.grants.filter(({ status }) => status === 'active').map(({ latestEnd }) => latestEnd.getTime());
  if (after.ownership === 'ours') {
    if (after.mustBeGoneBy!.getTime() < Math.max(0, ...promised)) throw new Error('Less owed than promised.');
    if (before.ownership === 'ours' && after.mustBeGoneBy! < before.mustBeGoneBy!)
      throw new Error('Owed less than before.');
  }
  const there = aws.account !== 'left' && aws.account !== 'deleted';
  for (const kind of ['create', 'delete'] as const) {
    // Read from a list, a delete that is over and shows nothing has succeeded, also where somebody else took the access
    // away and AWS called the delete FAILED: what comes of that after all takes away, and gives nothing.
    const [last] = after.operations;
    const done = before.ownership !== 'ours' || (last?.kind === 'delete' && last.outcome === 'succeeded');
    const takenByOthers = kind === 'delete' && aws.removedOutside && done;
    if (there && after.ownership !== 'ours' && aws.mayStill(kind) && !takenByOthers)
      throw new Error(`Given up while a ${kind} may come.`);
  }
  if (after.ownership !== 'ours' && aws.present && there && !aws.standing && before.ownership === 'ours')
    throw new Error('Given up while it is there.');
  if (after.observedAt !== null && after.observedAt.getTime() > aws.now) throw new Error('Seen in the future.');
}

function checkActive(grant: OpenGrant, before: Tuple, after: Tuple, { aws, refusedSince }: Facts): void {
  if (!aws.present && !aws.removedOutside && aws.account !== 'deleted' && !doubtful('delete', before, after))
    throw new Error('Told "active" while it is not there.');
  if (after.ownership !== 'ours' && !grant.preexisting)
    throw new Error('Rests on what stood before, and does not say so.');
  const { closesAt, latestEnd, activatedAt, durationMinutes } = grant;
  if (!closesAt || closesAt > latestEnd) throw new Error('Promised for longer than owed.');
  const full = activatedAt!.getTime() + durationMinutes * MINUTE;
  if (closesAt.getTime() !== Math.min(full, latestEnd.getTime())) throw new Error('Not the full duration.');
  if (grant.rightsCheckedAt === null) throw new Error('Active with rights that nobody checked.');
  if (refusedSince !== null && grant.rightsCheckedAt.getTime() > refusedSince)
    throw new Error('Active although the rights were refused.');
}

function checkOver(grant: OpenGrant, before: Tuple, after: Tuple, { aws }: Facts): void {
  if (grant.gone && aws.forgottenAt === null && aws.account !== 'left' && aws.account !== 'deleted')
    throw new Error('Told "gone" of what is there.');
  if (grant.gone || grant.continuedBy !== null || aws.standing || !aws.present) return;
  if (!doubtful('create', before, after)) throw new Error('Told "ended" while it is there.');
}

/** What we asked for may have come since we looked. */
function doubtful(kind: OperationKind, ...tuples: Tuple[]): boolean {
  return tuples.some((tuple) => {
    return tuple.operations.some(
      ({ kind: each, outcome }) => each === kind && (outcome === 'unknown' || outcome === 'failed'),
    );
  });
}
