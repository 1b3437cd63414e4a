import { formatMinutes } from '../../platform/time.ts';
import type { Terms } from '../terms.ts';

/** What differs: one account's roles, or one role's accounts. */
type Some = 'for some roles' | 'in some accounts';

const NOWHERE = 'no account that can be given';

/** How long a policy gives at most, where it is asked about: '6 h', 'up to 6 h; only 2 h for some roles, by guardrails'. */
export function longestInWords(terms: Terms | null, some: Some): string {
  if (terms === null) return NOWHERE;
  const { least, most } = terms.longest;
  if (most === 0) return 'no duration is offered';
  if (least === most) return formatMinutes(most);
  return `up to ${formatMinutes(most)}; ${least === 0 ? 'none' : `only ${formatMinutes(least)}`} ${some}, by guardrails`;
}

/** Whether it takes approval, where it is asked about. */
export function approvalInWords(terms: Terms | null, some: Some): string {
  if (terms === null) return NOWHERE;
  const { least, most } = terms.longestWithoutApproval;
  if (most === 0) return 'needed';
  // What cannot be asked for at all takes no approval either.
  return least === 0 && terms.longest.least > 0 ? `needed ${some}, by guardrails` : 'not needed';
}
