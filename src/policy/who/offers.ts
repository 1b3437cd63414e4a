import {
  type Account,
  accountIndex,
  permissionSetIndex,
  readAvailability,
  whyUnavailable,
} from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { holds, type Place, policiesOf, principalsOf, refOf } from '../compile.ts';
import { boundsOf } from '../guard.ts';
import { loadPolicies } from '../load-store.ts';
import { type Names, readNames } from '../names.ts';
import { type RoleOffer, reachingByRole, roleOffer } from '../offers.ts';
import { isInScope, scopeOf } from '../scope.ts';
import type { PolicyLimits, PolicyRef, PrincipalRef, Subject } from '../types.ts';

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
const ROLES_SHOWN = 30;

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
  const page = items.slice(from).map((account) => {
    const roles = reader.roles(account);
    return { account, roles: roles.slice(0, ROLES_SHOWN), more: Math.max(0, roles.length - ROLES_SHOWN) };
  });
  const names = await reader.names(page.flatMap(({ roles }) => roles));
  return {
    total,
    unavailable,
    accounts: page.map(({ account, roles, more }) => ({
      account,
      roles: roles.map((each) => toLine(each, names)),
      more,
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
  const accounts = await accountIndex(tx);
  const sets = await permissionSetIndex(tx);
  const availability = await readAvailability(tx);
  const asked = (arn: string) => permissionSetArn === null || arn === permissionSetArn;
  const own = policiesOf(policies, subject).filter(
    (each) => holds(each.policy, now) && (permissionSetArn === null || each.permissionSets.has(permissionSetArn)),
  );
  const scope = scopeOf(own);
  const principals = new Set(principalsOf(subject));
  const rolesIn = (account: Account): Line[] => {
    const place = placeOf(account);
    return [...reachingByRole(own, place)].flatMap(([arn, reaching]) => {
      const permissionSet = sets.byArn.get(arn);
      if (!permissionSet || !asked(arn)) return [];
      const named = reaching.flatMap(({ policy }) => policy.principals).filter((ref) => principals.has(ref));
      return [
        {
          ...roleOffer(arn, reaching, limits, boundsOf(policies, place, arn, limits)),
          name: permissionSet.name,
          policies: reaching.map(({ policy }) => refOf('eligibility', policy)),
          principals: [...new Set(named)],
          unavailable: whyUnavailable({ permissionSet }, availability),
        },
      ];
    });
  };
  return {
    accounts,
    availability,
    offers: (account: Account) => isInScope(scope, placeOf(account)),
    roles: (account: Account) => rolesIn(account).toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
    names: (lines: Line[]) =>
      readNames(
        tx,
        lines.flatMap((each) => each.principals),
      ),
  };
}

function placeOf(account: Account): Place {
  return { accountId: account.id, ancestorIds: account.ancestorIds };
}

function toLine({ principals, ...line }: Line, names: Names): RoleLine {
  const through = names.all(principals).map(({ kind, name }) => (kind === 'person' ? 'named themselves' : name));
  return { ...line, through };
}
