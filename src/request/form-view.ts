import { notGiving, readGiving } from '../access/index.ts';
import { type DirectoryAge, directoryAge } from '../directory/index.ts';
import { standsOutside } from '../drift/index.ts';
import type { Person } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import type { FieldErrors } from '../platform/errors.ts';
import { formatInZone } from '../platform/time.ts';
import { isEmptyScope, type Subject } from '../policy/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Combobox, ComboboxChoices } from '../web/index.ts';
import { accountChoices, roleChoices } from './choices.ts';
import { type DurationChoices, durationChoices, usualDuration } from './durations.ts';
import type { FormValues, StartChoices } from './form.ts';
import { accountField, roleField } from './form-fields.ts';
import { liveVerdict } from './live-verdict.ts';
import { type AlreadyAsked, alreadyAsked } from './offer-queries.ts';
import { accountOf, type Offered, type RoleChoice, readOffered, rolesOf } from './offered.ts';
import type { VerdictView } from './verdict-view.ts';

/** What depends on what is filled in, and is shown anew with every change. */
export interface LiveForm {
  values: FormValues;
  errors: FieldErrors;
  /** The chosen account and its star; null while none is chosen. */
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
  /** They have it already, given outside Latchkey; it stays whatever becomes of the request. */
  standing: boolean;
  supportContact: string;
  /** Why it would not open for now, however it is decided; '' where it would. */
  notGiving: string;
}

/** The whole form. */
export interface FormView extends LiveForm {
  startChoices: StartChoices;
  /** False where no policy offers the person anything. */
  anythingOffered: boolean;
  account: Combobox;
  /** How old the copy is that accounts and roles are offered from. */
  age: DirectoryAge;
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

/**
 * Everything that the form shows, from the directory's copy: what the person may ask for, and what they would get.
 * `tx` is no transaction: it is asked for several things at a time.
 */
export async function formView(
  tx: Tx,
  person: Person,
  values: FormValues,
  wrong: { errors?: FieldErrors; startChoices?: StartChoices } = {},
): Promise<FormView> {
  const subject = subjectOf(person);
  const offered = await readOffered(tx, subject);
  const errors = wrong.errors ?? {};
  const [live, age] = await Promise.all([liveForm(tx, subject, offered, values, errors), directoryAge(tx)]);
  return {
    ...live,
    startChoices: wrong.startChoices ?? [],
    anythingOffered: !isEmptyScope(offered.offers.scope),
    account: accountField(offered, values, errors),
    age,
  };
}

/** What changes with what is filled in. */
export async function liveView(tx: Tx, person: Person, values: FormValues): Promise<LiveForm> {
  const subject = subjectOf(person);
  return liveForm(tx, subject, await readOffered(tx, subject), values, {});
}

async function liveForm(
  tx: Tx,
  subject: Subject,
  offered: Offered,
  given: FormValues,
  errors: FieldErrors,
): Promise<LiveForm> {
  const { settings } = offered;
  const roles = rolesOf(offered, given.accountId);
  const role = roles.find((each) => each.permissionSetArn === given.permissionSetArn) ?? null;
  const longest = role?.longestMinutes ?? settings.maxDurationMinutes;
  const values = { ...given, durationMinutes: given.durationMinutes || String(usualDuration(longest, settings)) };
  const [verdict, already, standing, stop] = await Promise.all([
    liveVerdict(tx, subject, values, offered, roles),
    role === null ? null : alreadyAsked(tx, { ...values, userId: subject.userId }),
    role === null ? false : standsOutside(tx, { ...values, userId: subject.userId }),
    readGiving(tx),
  ]);
  return {
    values,
    errors,
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
    already,
    standing,
    supportContact: settings.supportContact,
    notGiving: notGiving(stop, 'ask', (at) => `${formatInZone(at, offered.timeZone)}, ${offered.timeZone}`),
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

function ticketExample({ ticketPattern, ticketExample: example }: Settings): string {
  return ticketPattern === '' ? '' : example || ticketPattern;
}
