import {
  type Account,
  type AccountIndex,
  type Availability,
  accountIndex,
  type PermissionSet,
  type PermissionSetIndex,
  permissionSetIndex,
  readAvailability,
  whyUnavailable,
} from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { type Policies, principalsOf, refOf } from './compile.ts';
import { grounds } from './evaluate.ts';
import { loadPolicies } from './load-store.ts';
import { type Names, readNames } from './names.ts';
import { type Offers, offers, type RoleOffer } from './offers.ts';
import type { PolicyLimits, PolicyRef, PrincipalRef, Subject } from './types.ts';

/** A role that the person may ask for in one account, and by what. */
export interface RoleLine extends RoleOffer {
  name: string;
  policies: PolicyRef[];
  /** The person's groups, or they themselves, that the policies name. */
  through: string[];
  unavailable: string | null;
}

/** All that a person may ask for: a page of accounts with their roles. */
export interface PersonOffers {
  accounts: { account: Account; roles: RoleLine[]; more: number }[];
  total: number;
  /** How many accounts policies name for the person that cannot be given at present. */
  unavailable: number;
}

/** So many roles of an account are shown in the list; all of them on the account's own answer. */
const ROLES_SHOWN = 100;

interface Asked {
  subject: Subject;
  limits: PolicyLimits;
  now: Date;
  /** Only accounts in which they may ask for this role; null: for any. */
  permissionSetArn: string | null;
}

/** What the person may ask for anywhere; from memory, so that thousands of accounts take no time. */
export async function readPersonOffers(
  tx: Tx,
  asked: Asked,
  { from, size }: { from: number; size: number },
): Promise<PersonOffers> {
  const reader = await offerReader(tx, asked);
  const { accounts, availability } = reader;
  let unavailable = 0;
  const accept = (account: Account) => {
    if (!reader.offers(account)) return false;
    if (whyUnavailable({ account }, availability) === null) return true;
    unavailable++;
    return false;
  };
  const { items, total } = accounts.search({ q: '', accept, limit: from + size });
  const page = items.slice(from).map((account) => ({ account, roles: reader.roles(account) }));
  const names = await reader.names(page.flatMap(({ roles }) => roles));
  return {
    total,
    unavailable,
    accounts: page.map(({ account, roles }) => ({
      account,
      roles: roles.slice(0, ROLES_SHOWN).map((each) => toLine(each, names)),
      more: Math.max(0, roles.length - ROLES_SHOWN),
    })),
  };
}

/** What the person may ask for in one account. */
export async function readAccountOffers(
  tx: Tx,
  asked: Asked,
  account: Account,
): Promise<{ unavailable: string | null; roles: RoleLine[] }> {
  const reader = await offerReader(tx, asked);
  const roles = reader.roles(account);
  const names = await reader.names(roles);
  return {
    unavailable: whyUnavailable({ account }, reader.availability),
    roles: roles.map((each) => toLine(each, names)),
  };
}

interface Line extends Omit<RoleLine, 'through'> {
  principals: PrincipalRef[];
}

async function offerReader(tx: Tx, { subject, limits, now, permissionSetArn }: Asked) {
  const policies = await loadPolicies(tx);
  const accounts: AccountIndex = await accountIndex(tx);
  const sets: PermissionSetIndex = await permissionSetIndex(tx);
  const availability: Availability = await readAvailability(tx);
  const offered: Offers = offers(policies, subject, limits, now);
  const rolesIn = (account: Account) =>
    offered
      .rolesIn({ accountId: account.id, ancestorIds: account.ancestorIds })
      .filter((each) => permissionSetArn === null || each.permissionSetArn === permissionSetArn);
  const line = lineMaker(policies, subject, limits, now, availability);
  return {
    accounts,
    availability,
    offers: (account: Account) =>
      offered.offersAccount({ accountId: account.id, ancestorIds: account.ancestorIds }) &&
      (permissionSetArn === null || rolesIn(account).length > 0),
    roles: (account: Account): Line[] =>
      rolesIn(account)
        .flatMap((each) => {
          const set = sets.byArn.get(each.permissionSetArn);
          return set ? [line(each, account, set)] : [];
        })
        .toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
    names: (lines: Line[]) =>
      readNames(
        tx,
        lines.flatMap((each) => each.principals),
      ),
  };
}

function lineMaker(policies: Policies, subject: Subject, limits: PolicyLimits, now: Date, availability: Availability) {
  const own = new Set(principalsOf(subject));
  return (offer: RoleOffer, account: Account, permissionSet: PermissionSet): Line => {
    const ask = {
      accountId: account.id,
      ancestorIds: account.ancestorIds,
      permissionSetArn: offer.permissionSetArn,
      durationMinutes: 1,
      ticketGiven: true,
    };
    const { reaching } = grounds(policies, subject, ask, limits, now);
    const principals = reaching.flatMap(({ policy }) => policy.principals).filter((ref) => own.has(ref));
    return {
      ...offer,
      name: permissionSet.name,
      policies: reaching.map(({ policy }) => refOf('eligibility', policy)),
      principals: [...new Set(principals)],
      unavailable: whyUnavailable({ permissionSet }, availability),
    };
  };
}

function toLine({ principals, ...line }: Line, names: Names): RoleLine {
  const through = names.all(principals).map(({ kind, name }) => (kind === 'person' ? 'named themselves' : name));
  return { ...line, through };
}
