import type { Place, Places } from './compile.ts';

/**
 * A part of the organization, as lists that a query can use as they are: accounts by ID, accounts whose own parent
 * is named, accounts with a named OU anywhere above them; and of these not the excepted accounts and subtrees.
 */
export interface ScopePart {
  accountIds: ReadonlySet<string>;
  parentOuIds: ReadonlySet<string>;
  ancestorOuIds: ReadonlySet<string>;
  exceptAccountIds: ReadonlySet<string>;
  exceptOuIds: ReadonlySet<string>;
}

/** The accounts that lie in any of the parts. */
export type AccountScope = readonly ScopePart[];

/** What these policies take together. Those without exclusions make one part. */
export function scopeOf(policies: Iterable<{ places: Places }>): AccountScope {
  const parts: ScopePart[] = [];
  const plain = { accountIds: new Set<string>(), parentOuIds: new Set<string>(), ancestorOuIds: new Set<string>() };
  let anyPlain = false;
  for (const { places } of policies) {
    const { exceptAccountIds, exceptOuIds } = places;
    if (exceptAccountIds.size > 0 || exceptOuIds.size > 0) {
      parts.push({
        accountIds: places.accountIds,
        parentOuIds: places.nested ? NONE : places.ouIds,
        ancestorOuIds: places.nested ? places.ouIds : NONE,
        exceptAccountIds,
        exceptOuIds,
      });
      continue;
    }
    anyPlain = true;
    for (const id of places.accountIds) plain.accountIds.add(id);
    for (const id of places.ouIds) (places.nested ? plain.ancestorOuIds : plain.parentOuIds).add(id);
  }
  return anyPlain ? [{ ...plain, exceptAccountIds: NONE, exceptOuIds: NONE }, ...parts] : parts;
}

const NONE: ReadonlySet<string> = new Set();

export function isInScope(scope: AccountScope, place: Place): boolean {
  return scope.some((part) => isInPart(part, place));
}

function isInPart(part: ScopePart, { accountId, ancestorIds }: Place): boolean {
  if (part.exceptAccountIds.has(accountId)) return false;
  if (part.exceptOuIds.size > 0 && ancestorIds.some((id) => part.exceptOuIds.has(id))) return false;
  if (part.accountIds.has(accountId)) return true;
  const parent = ancestorIds.at(-1);
  if (parent !== undefined && part.parentOuIds.has(parent)) return true;
  return part.ancestorOuIds.size > 0 && ancestorIds.some((id) => part.ancestorOuIds.has(id));
}

export function isEmptyScope(scope: AccountScope): boolean {
  return scope.every((part) => part.accountIds.size + part.parentOuIds.size + part.ancestorOuIds.size === 0);
}
