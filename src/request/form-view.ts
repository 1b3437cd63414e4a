import {
  type Account,
  type DirectoryAge,
  directoryAge,
  findAccount,
  findAccounts,
  findPermissionSets,
  type PermissionSet,
  searchAccounts,
} from '../directory/index.ts';
import type { Person } from '../identity/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import type { FieldErrors } from '../platform/errors.ts';
import { isEmptyScope, loadPolicies, type Offers, offers, type RoleOffer } from '../policy/index.ts';
import { readSettings, readTimeZone } from '../settings/index.ts';
import { type FormValues, readStart, type StartChoices } from './form.ts';
import { judge } from './judge.ts';
import { refusesStart } from './machine.ts';
import { accountsInScope, recentAccounts } from './offer-queries.ts';
import { START_SENTENCES } from './refuse.ts';
import { type VerdictView, verdictView } from './verdict-view.ts';

export interface RoleChoice extends RoleOffer {
  permissionSet: PermissionSet;
}

export interface FormView {
  values: FormValues;
  errors: FieldErrors;
  startChoices: StartChoices;
  /** False where no policy offers the person anything. */
  anythingOffered: boolean;
  accounts: { recent: Account[]; others: Account[]; more: boolean };
  roles: RoleChoice[];
  role: RoleChoice | null;
  durations: { value: number; label: number }[];
  verdict: VerdictView;
  /** How old the copy is that accounts and roles are offered from. */
  age: DirectoryAge;
  supportContact: string;
}

/** So many accounts are listed; beyond, people narrow the list. */
const LISTED = 50;
const DURATIONS = [15, 30, 60, 120, 240, 480, 720, 1440, 2880, 4320, 10_080];

/** Everything that the form shows, from the directory's copy: what the person may ask for, and what they would get. */
export async function formView(
  tx: Tx,
  person: Person,
  values: FormValues,
  wrong: { errors?: FieldErrors; startChoices?: StartChoices } = {},
): Promise<FormView> {
  const { settings } = await readSettings(tx);
  const subject = { userId: person.userId, groupIds: person.groupIds };
  const offered = offers(await loadPolicies(tx), subject, settings, await appNow(tx));
  const accounts = await accountChoices(tx, person.userId, offered, values);
  const roles = await roleChoices(tx, offered, values.accountId);
  const role = roles.find((each) => each.permissionSetArn === values.permissionSetArn) ?? null;
  const durationMinutes = Number(values.customMinutes || values.durationMinutes);
  const longest = role?.longestMinutes ?? settings.maxDurationMinutes;
  return {
    values,
    errors: wrong.errors ?? {},
    startChoices: wrong.startChoices ?? [],
    anythingOffered: !isEmptyScope(offered.scope),
    accounts,
    roles,
    role,
    durations: durationChoices(longest, Number(values.durationMinutes)),
    verdict: await liveVerdict(tx, subject, values, durationMinutes, roles),
    age: await directoryAge(tx),
    supportContact: settings.supportContact,
  };
}

/** What would happen with the form as it is filled in. */
async function liveVerdict(
  tx: Tx,
  subject: { userId: string; groupIds: string[] },
  values: FormValues,
  durationMinutes: number,
  roles: RoleChoice[],
): Promise<VerdictView> {
  if (values.accountId === '' || values.permissionSetArn === '') return { state: 'incomplete' };
  const judgement = await judge(tx, subject, {
    accountId: values.accountId,
    permissionSetArn: values.permissionSetArn,
    durationMinutes,
    // What is not filled in yet is asked for at the field, not held against the person here.
    ticketGiven: true,
  });
  const start = readStart(values.startsAt, await readTimeZone(tx, subject.userId));
  const now = await appNow(tx);
  const view = verdictView(judgement, { startsAt: start.at, durationMinutes }, now, roles);
  const refusal = start.at && refusesStart(start.at, now);
  const reason = refusal ? START_SENTENCES[refusal] : start.error;
  return view.state === 'allowed' && reason ? { state: 'refused', reason, longestMinutes: view.longestMinutes } : view;
}

async function accountChoices(tx: Tx, userId: string, offered: Offers, values: FormValues) {
  const ids = await accountsInScope(tx, offered.scope);
  const allowed = new Set(ids);
  const recentIds = (await recentAccounts(tx, userId)).filter((id) => allowed.has(id));
  const known = new Map((await findAccounts(tx, recentIds)).map((account) => [account.id, account]));
  const recent = recentIds.flatMap((id) => known.get(id) ?? []).filter((each) => each.state === 'ACTIVE');
  const found = await searchAccounts(tx, { q: values.q, onlyIds: ids, onlyActive: true, limit: LISTED });
  const others = found.items.filter((each) => !recent.some(({ id }) => id === each.id));
  const chosen = allowed.has(values.accountId) ? await findAccount(tx, values.accountId) : null;
  const listed = [...recent, ...others].some(({ id }) => id === values.accountId);
  if (chosen && chosen.state === 'ACTIVE' && !listed) others.unshift(chosen);
  return { recent, others, more: found.nextCursor !== null };
}

async function roleChoices(tx: Tx, offered: Offers, accountId: string): Promise<RoleChoice[]> {
  const account = accountId === '' ? null : await findAccount(tx, accountId);
  if (account === null) return [];
  const inAccount = offered.rolesIn({ accountId: account.id, ancestorIds: account.ancestorIds });
  const sets = await findPermissionSets(
    tx,
    inAccount.map((each) => each.permissionSetArn),
  );
  const byArn = new Map(sets.map((set) => [set.arn, set]));
  return inAccount
    .flatMap((offer) => {
      const permissionSet = byArn.get(offer.permissionSetArn);
      return permissionSet ? [{ ...offer, permissionSet }] : [];
    })
    .toSorted((a, b) => a.permissionSet.name.localeCompare(b.permissionSet.name, 'en'));
}

function durationChoices(longest: number, chosen: number): { value: number; label: number }[] {
  const usual = DURATIONS.filter((minutes) => minutes <= longest);
  const all = new Set([...usual, longest, ...(Number.isInteger(chosen) && chosen > 0 ? [chosen] : [])]);
  return [...all]
    .filter((minutes) => minutes > 0)
    .toSorted((a, b) => a - b)
    .map((value) => ({ value, label: value }));
}
