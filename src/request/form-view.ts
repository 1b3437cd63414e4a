import { type DirectoryAge, directoryAge } from '../directory/index.ts';
import type { Person } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import type { FieldErrors } from '../platform/errors.ts';
import { formatInZone } from '../platform/time.ts';
import { isEmptyScope, readOwnWords, type Subject } from '../policy/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Combobox, ComboboxChoices } from '../web/index.ts';
import { accountChoices, accountOption, roleChoices, roleOption } from './choices.ts';
import { type DurationChoices, durationChoices, usualDuration } from './durations.ts';
import { type FormValues, readStart, type StartChoices } from './form.ts';
import { judgeWithPeople } from './judge.ts';
import { refusesStart } from './machine.ts';
import { type AlreadyAsked, alreadyAsked } from './offer-queries.ts';
import { accountOf, type Offered, type RoleChoice, readOffered, rolesOf } from './offered.ts';
import { START_SENTENCES } from './refuse.ts';
import { type VerdictView, verdictView } from './verdict-view.ts';

export interface FormView {
  values: FormValues;
  errors: FieldErrors;
  startChoices: StartChoices;
  /** False where no policy offers the person anything. */
  anythingOffered: boolean;
  account: Combobox;
  /** The chosen account's star; null while none is chosen. */
  favourite: Favourite | null;
  /** Null where there are so few that they are listed. */
  roleSearch: Combobox | null;
  roles: RoleChoice[];
  role: RoleChoice | null;
  durations: DurationChoices;
  ticket: { required: boolean; example: string };
  verdict: VerdictView;
  /** A request for the same that is under way: worth knowing, no reason to refuse. */
  already: AlreadyAsked | null;
  /** How old the copy is that accounts and roles are offered from; null where the answer is only a part of the page. */
  age: DirectoryAge | null;
  supportContact: string;
}

export interface Favourite {
  accountId: string;
  accountName: string;
  ouPath: string;
  isFavourite: boolean;
  error: string;
}

/** So many roles are a list; more are searched. */
const ROLES_LISTED = 15;

/** Everything that the form shows, from the directory's copy: what the person may ask for, and what they would get. */
export async function formView(
  tx: Tx,
  person: Person,
  given: FormValues,
  wrong: { errors?: FieldErrors; startChoices?: StartChoices } = {},
  part: 'page' | 'verdict' = 'page',
): Promise<FormView> {
  const subject = subjectOf(person);
  const offered = await readOffered(tx, subject);
  const { settings } = offered;
  const errors = wrong.errors ?? {};
  const roles = rolesOf(offered, given.accountId);
  const role = roles.find((each) => each.permissionSetArn === given.permissionSetArn) ?? null;
  const longest = role?.longestMinutes ?? settings.maxDurationMinutes;
  const values = { ...given, durationMinutes: given.durationMinutes || String(usualDuration(longest, settings)) };
  const verdict = await liveVerdict(tx, subject, values, offered, roles);
  return {
    values,
    errors,
    startChoices: wrong.startChoices ?? [],
    anythingOffered: !isEmptyScope(offered.offers.scope),
    account: accountField(offered, values, errors),
    favourite: favouriteOf(offered, values.accountId),
    roleSearch: roles.length > ROLES_LISTED ? roleField(roles, role, values, errors) : null,
    roles,
    role,
    durations: durationChoices(longest, values, settings),
    ticket: {
      required: verdict.state === 'allowed' ? verdict.ticketNeeded : settings.ticketRequired,
      example: ticketExample(settings),
    },
    verdict,
    already: role === null ? null : await alreadyAsked(tx, { ...values, userId: subject.userId }),
    age: part === 'page' ? await directoryAge(tx) : null,
    supportContact: settings.supportContact,
  };
}

/** The accounts for what was typed: one keystroke. */
export async function accountsTyped(tx: Tx, person: Person, values: FormValues): Promise<ComboboxChoices> {
  const offered = await readOffered(tx, subjectOf(person));
  return accountChoices(offered, { q: values.q, value: values.accountId });
}

/** The roles of the chosen account for what was typed: one keystroke. */
export async function rolesTyped(tx: Tx, person: Person, values: FormValues, q: string): Promise<ComboboxChoices> {
  const offered = await readOffered(tx, subjectOf(person));
  return roleChoices(rolesOf(offered, values.accountId), { q, value: values.permissionSetArn });
}

/** The star of one account. */
export async function favouriteView(
  tx: Tx,
  person: Person,
  accountId: string,
  error: string,
): Promise<Favourite | null> {
  const offered = await readOffered(tx, subjectOf(person));
  const favourite = favouriteOf(offered, accountId);
  return favourite && { ...favourite, error };
}

export function subjectOf({ userId, groupIds }: Person): Subject {
  return { userId, groupIds };
}

function favouriteOf(offered: Offered, accountId: string): Favourite | null {
  const account = accountOf(offered, accountId);
  if (account === null) return null;
  const { name, ouPath } = account;
  return {
    accountId,
    accountName: name,
    ouPath,
    isFavourite: offered.pinned.favourites.includes(accountId),
    error: '',
  };
}

function accountField(offered: Offered, values: FormValues, errors: FieldErrors): Combobox {
  const account = accountOf(offered, values.accountId);
  return {
    ...accountChoices(offered, { q: values.q, value: values.accountId }),
    label: 'Account',
    hint: '',
    error: errors.accountId ?? '',
    required: true,
    placeholder: 'Choose an account',
    chosen: account && accountOption(account),
    source: '/requests/new/accounts',
    search: { name: 'q', value: values.q, label: 'Search by name, ID, OU or e-mail', address: '/requests/new' },
  };
}

function roleField(roles: RoleChoice[], role: RoleChoice | null, values: FormValues, errors: FieldErrors): Combobox {
  return {
    ...roleChoices(roles, { q: values.roleQuery, value: values.permissionSetArn }),
    label: 'Role',
    hint: '',
    error: errors.permissionSetArn ?? '',
    required: true,
    placeholder: 'Choose a role',
    chosen: role && roleOption(role),
    source: `/requests/new/roles?accountId=${encodeURIComponent(values.accountId)}`,
    search: { name: 'roleQuery', value: values.roleQuery, label: 'Search roles', address: '/requests/new' },
  };
}

/** What would happen with the form as it is filled in. */
async function liveVerdict(
  tx: Tx,
  subject: Subject,
  values: FormValues,
  offered: Offered,
  roles: RoleChoice[],
): Promise<VerdictView> {
  if (values.accountId === '' || values.permissionSetArn === '') return { state: 'incomplete' };
  const { now, timeZone, settings, policies, directory } = offered;
  const account = directory.accounts.byId.get(values.accountId) ?? null;
  const permissionSet = directory.permissionSets.byArn.get(values.permissionSetArn) ?? null;
  const durationMinutes = Number(values.customMinutes || values.durationMinutes);
  const ask = {
    accountId: values.accountId,
    permissionSetArn: values.permissionSetArn,
    durationMinutes,
    // What is not filled in yet is asked for at the field, not held against the person here.
    ticketGiven: true,
  };
  const judgement = await judgeWithPeople(
    tx,
    { settings, policies, account, permissionSet, availability: directory.availability, now },
    subject,
    ask,
  );
  const start = readStart(values.startsAt, timeZone);
  const words = await readOwnWords(
    tx,
    subject,
    { ...ask, ancestorIds: account?.ancestorIds ?? [] },
    permissionSet?.name ?? '',
    { limits: settings, now, formatDate: (at) => formatInZone(at, timeZone) },
  );
  const view = verdictView(judgement, { startsAt: start.at, durationMinutes }, { now, roles, words });
  if (view.state !== 'allowed') return view;
  const refusal = start.at && refusesStart(start.at, now);
  const reason = refusal ? START_SENTENCES[refusal] : start.error;
  return reason ? { state: 'refused', reason, words } : view;
}

function ticketExample({ ticketPattern, ticketExample: example }: Settings): string {
  return ticketPattern === '' ? '' : example || ticketPattern;
}
