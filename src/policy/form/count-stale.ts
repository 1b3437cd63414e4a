import type { Tx } from '../../platform/db.ts';
import type { AnyPolicy } from '../change/kind-of-policy.ts';
import { readNames } from '../names.ts';
import { APPROVAL_PAGES, ELIGIBILITY_PAGES, GUARDRAIL_PAGES, type PolicyPages } from './kinds.ts';

/** How many policies of one kind name something that no longer exists, and where to see them. */
export interface StalePolicies {
  count: number;
  /** 'eligibility policies' … as it follows the count. */
  words: string;
  address: string;
}

/** Those kinds of which some policy names what no longer exists. */
export async function countStalePolicies(tx: Tx): Promise<StalePolicies[]> {
  const counted = [
    await countKind(tx, ELIGIBILITY_PAGES),
    await countKind(tx, APPROVAL_PAGES),
    await countKind(tx, GUARDRAIL_PAGES),
  ];
  return counted.filter(({ count }) => count > 0);
}

async function countKind<P extends AnyPolicy>(tx: Tx, pages: PolicyPages<P>): Promise<StalePolicies> {
  const references = (await pages.list(tx)).map((policy) => pages.how.references(policy));
  const names = await readNames(tx, references.flat());
  const count = references.filter((refs) => refs.some((ref) => !names.of(ref).known)).length;
  const { one, title } = pages.words;
  return { count, words: count === 1 ? one : title.toLowerCase(), address: `${pages.base}?status=stale` };
}
