import type { Place } from './compile.ts';
import type { TargetRef } from './types.ts';

/**
 * A part of the organization, as three lists that a query can use as they are: accounts by ID, accounts whose own
 * parent is named, and accounts with a named OU anywhere above them.
 */
export interface AccountScope {
  accountIds: ReadonlySet<string>;
  parentOuIds: ReadonlySet<string>;
  ancestorOuIds: ReadonlySet<string>;
}

/** What the targets of all these policies take together. */
export function scopeOf(
  policies: Iterable<{ targets: Iterable<TargetRef>; policy: { includeNestedOus: boolean } }>,
): AccountScope {
  const accountIds = new Set<string>();
  const parentOuIds = new Set<string>();
  const ancestorOuIds = new Set<string>();
  for (const { targets, policy } of policies) {
    for (const target of targets) {
      if (target.startsWith('ACCOUNT:')) accountIds.add(target.slice('ACCOUNT:'.length));
      else (policy.includeNestedOus ? ancestorOuIds : parentOuIds).add(target.slice('OU:'.length));
    }
  }
  return { accountIds, parentOuIds, ancestorOuIds };
}

export function isInScope(scope: AccountScope, place: Place): boolean {
  const parent = place.ancestorIds.at(-1);
  return (
    scope.accountIds.has(place.accountId) ||
    (parent !== undefined && scope.parentOuIds.has(parent)) ||
    place.ancestorIds.some((id) => scope.ancestorOuIds.has(id))
  );
}

export function isEmptyScope(scope: AccountScope): boolean {
  return scope.accountIds.size === 0 && scope.parentOuIds.size === 0 && scope.ancestorOuIds.size === 0;
}
