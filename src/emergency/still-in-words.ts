import { inTheWay } from '../access/index.ts';
import type { StillGoing } from './queries.ts';

type Asked = Pick<StillGoing, 'status' | 'asked' | 'lastError' | 'cannotRevokeSince' | 'cannotRevokeReason'>;

/** What stands in the way of something that still goes: in plain words, and what AWS says itself ('' where nothing). */
export function whyStillGoing(each: Asked): { why: string; awsSays: string } {
  const troubled = each.lastError !== null || each.cannotRevokeSince !== null;
  if (each.status !== 'ending' || (!each.asked && !troubled)) return { why: 'It waits for its turn.', awsSays: '' };
  if (!troubled) return { why: 'AWS was asked, and has not confirmed that it is gone.', awsSays: '' };
  const { why, says } = inTheWay(each, false);
  return { why, awsSays: says === null ? '' : `AWS says: ${says}${/[.!]$/.test(says) ? '' : '.'}` };
}
