import type { Account, PermissionSet } from './types.ts';

/** What Latchkey can reach from where it runs. */
export interface Availability {
  /** True where Latchkey runs outside the management account, as Identity Center's delegated administrator. */
  delegated: boolean;
}

/** What somebody would like to have; leave out what is not chosen yet. */
export interface Wanted {
  account?: Pick<Account, 'id' | 'name' | 'state' | 'isManagement'> | null | undefined;
  permissionSet?: Pick<PermissionSet, 'name' | 'inManagementAccount'> | null | undefined;
}

/**
 * Why nobody can be given this at the moment, as a sentence for whoever asks; null where nothing stands in the way.
 * Sources: IAM Identity Center User Guide, "Delegated administration" (neither the management account nor a
 * permission set that is provisioned to it, in whatever account); AWS Organizations User Guide, "Account states".
 */
export function whyUnavailable({ account, permissionSet }: Wanted, { delegated }: Availability): string | null {
  if (account && account.state !== 'ACTIVE') {
    return `The account ${account.name} (${account.id}) ${stateInWords(account.state)}, so nobody can be given access to it; choose another account.`;
  }
  if (account?.isManagement && delegated) {
    return `${account.name} (${account.id}) is the management account of the organization, which Identity Center's delegated administrator cannot touch; run Latchkey in the management account or choose another account.`;
  }
  if (permissionSet?.inManagementAccount && delegated) {
    return `${permissionSet.name} is also provisioned to the management account, which Identity Center's delegated administrator cannot touch, so it cannot be assigned in any account; run Latchkey in the management account or use another set.`;
  }
  return null;
}

/** Account states of AWS Organizations, as the end of 'The account …'. */
function stateInWords(state: string): string {
  switch (state) {
    case 'SUSPENDED':
      return 'is suspended by AWS';
    case 'CLOSED':
      return 'is closed';
    case 'PENDING_CLOSURE':
      return 'is being closed';
    case 'PENDING_ACTIVATION':
      return 'is not activated yet';
    default:
      return `is not active in AWS Organizations (${state})`;
  }
}

/** Things that nobody can be given, for one reason. */
export interface NotAvailable {
  title: string;
  count: number;
  /** The first of them, by name. */
  names: string[];
  why: string;
}

const NAMES_SHOWN = 5;

/** What of the whole organization nobody can be given at the moment, and why; without what is empty. */
export function notAvailable(
  accounts: readonly Account[],
  permissionSets: readonly PermissionSet[],
  { delegated }: Availability,
): NotAvailable[] {
  const all: NotAvailable[] = [];
  const add = (title: string, found: readonly { name: string }[], why: string) => {
    const names = found.slice(0, NAMES_SHOWN).map(({ name }) => name);
    if (found.length > 0) all.push({ title, count: found.length, names, why });
  };
  if (delegated) {
    add(
      'Management account',
      accounts.filter(({ isManagement }) => isManagement),
      "Latchkey runs outside the management account, as Identity Center's delegated administrator, which cannot touch that account. Run Latchkey in the management account to give access to it.",
    );
    add(
      'Permission sets in the management account',
      permissionSets.filter(({ inManagementAccount }) => inManagementAccount),
      'What is provisioned to the management account cannot be assigned by the delegated administrator, in whatever account. Use another set, or remove it from the management account.',
    );
  }
  const inactive = Map.groupBy(
    accounts.filter(({ state }) => state !== 'ACTIVE'),
    ({ state }) => state,
  );
  for (const [state, found] of [...inactive].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    add(
      `Accounts in state ${state}`,
      found,
      `AWS gives access only to accounts that are ACTIVE; an account that ${stateInWords(state)} is not offered.`,
    );
  }
  return all;
}
