import { groupIdsOf, searchAccounts, searchGroups, searchPeople, searchPermissionSets } from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { compilePlaces, coversPlace } from '../compile.ts';

/** As much of a policy as a search looks at. */
export interface Searchable {
  name: string;
  targets: string[];
  exclusions: string[];
  includeNestedOus: boolean;
  /** Its principals, approvers and permission sets. */
  refs: string[];
}

const MOST_FOUND = 50;

/**
 * A filter for policies: by their own name, and by the people (through their groups too), groups, accounts (through
 * their OUs too) and roles of this name or ID.
 */
export async function policyFilter(tx: Tx, q: string): Promise<(policy: Searchable) => boolean> {
  const people = await searchPeople(tx, { q, limit: MOST_FOUND });
  const groups = await searchGroups(tx, { q, limit: MOST_FOUND });
  const accounts = await searchAccounts(tx, { q, limit: MOST_FOUND });
  const roles = await searchPermissionSets(tx, { q, limit: MOST_FOUND });
  const refs = new Set([
    ...groups.items.map((group) => `GROUP:${group.id}`),
    ...roles.items.map((role) => role.arn),
    ...people.items.map((user) => `USER:${user.id}`),
  ]);
  for (const user of people.items) for (const id of await groupIdsOf(tx, user.id)) refs.add(`GROUP:${id}`);
  const places = accounts.items.map((account) => ({ accountId: account.id, ancestorIds: account.ancestorIds }));
  const text = q.toLowerCase();
  return (policy) => {
    const where = compilePlaces(policy);
    return (
      policy.name.toLowerCase().includes(text) ||
      policy.refs.some((ref) => refs.has(ref)) ||
      places.some((place) => coversPlace(where, place))
    );
  };
}
