import {
  type Account,
  type AccountIndex,
  type Availability,
  accountIndex,
  type PermissionSet,
  type PermissionSetIndex,
  permissionSetIndex,
  whyUnavailable,
} from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { loadPolicies, type Offers, offers, type Policies, type RoleOffer, type Subject } from '../policy/index.ts';
import { type FormFacts, readFormFacts } from './form-facts-queries.ts';

/** An account in which a person may ask for something. */
export interface OfferedAccount extends Account {
  /** Why nobody can be given anything there at the moment, as a sentence; null where nothing stands in the way. */
  unavailable: string | null;
}

/** A role that a person may ask for in an account. */
export interface RoleChoice extends RoleOffer {
  permissionSet: PermissionSet;
  /** As `OfferedAccount.unavailable`. */
  unavailable: string | null;
}

/** What one person may ask for, read once: everything after that is in memory. */
export interface Offered extends Pick<FormFacts, 'now' | 'settings' | 'timeZone' | 'pinned'> {
  policies: Policies;
  offers: Offers;
  directory: { accounts: AccountIndex; permissionSets: PermissionSetIndex; availability: Availability };
}

/** Reads what a person may ask for: one statement, as long as neither policies nor directory changed. */
export async function readOffered(tx: Tx, subject: Subject): Promise<Offered> {
  const { policyRevision, directoryRevision, delegated, ...facts } = await readFormFacts(tx, subject.userId);
  const policies = await loadPolicies(tx, policyRevision);
  const accounts = await accountIndex(tx, directoryRevision);
  const permissionSets = await permissionSetIndex(tx, directoryRevision);
  return {
    ...facts,
    policies,
    offers: offers(policies, subject, facts.settings, facts.now),
    directory: { accounts, permissionSets, availability: { delegated } },
  };
}

/**
 * The accounts that match what was typed, at most `limit` of them, and how many match in all. Accounts that AWS has
 * suspended or closed are left out; one that cannot be given for another reason says why. `only`: these IDs, no others.
 */
export function accountsOf(
  { offers: offered, directory }: Offered,
  { q, limit, only }: { q: string; limit: number; only?: ReadonlySet<string> },
): { items: OfferedAccount[]; total: number } {
  const found = directory.accounts.search({
    q,
    limit,
    accept: (account) =>
      account.state === 'ACTIVE' && (only?.has(account.id) ?? true) && offered.offersAccount(placeOf(account)),
  });
  return { ...found, items: found.items.map((account) => withReason(account, directory.availability)) };
}

/** One account, if the person may ask for something there and it is active; null otherwise. */
export function accountOf({ offers: offered, directory }: Offered, accountId: string): OfferedAccount | null {
  const account = directory.accounts.byId.get(accountId);
  if (account?.state !== 'ACTIVE' || !offered.offersAccount(placeOf(account))) return null;
  return withReason(account, directory.availability);
}

/** The roles that the person may ask for in the account, by name. Sets that no longer exist are left out. */
export function rolesOf({ offers: offered, directory }: Offered, accountId: string): RoleChoice[] {
  const account = directory.accounts.byId.get(accountId);
  if (account?.state !== 'ACTIVE') return [];
  return offered
    .rolesIn(placeOf(account))
    .flatMap((offer) => {
      const permissionSet = directory.permissionSets.byArn.get(offer.permissionSetArn);
      if (!permissionSet) return [];
      return [
        { ...offer, permissionSet, unavailable: whyUnavailable({ account, permissionSet }, directory.availability) },
      ];
    })
    .toSorted((a, b) => BY_NAME.compare(a.permissionSet.name, b.permissionSet.name));
}

const BY_NAME = new Intl.Collator('en');

function placeOf(account: Account) {
  return { accountId: account.id, ancestorIds: account.ancestorIds };
}

function withReason(account: Account, availability: Availability): OfferedAccount {
  return { ...account, unavailable: whyUnavailable({ account }, availability) };
}
