import { z } from 'zod';
import type { Organization, SandboxAssignment } from '../../organization.ts';
import { changeAccount, changeMembers, changeUser, deletePermissionSet } from '../../organization-changes.ts';
import type { SandboxServices } from '../../services.ts';
import type { Refused } from './fields.ts';
import { namesOf } from './words.ts';

/** What has been done, as a sentence, or what was wrong with what somebody wanted. */
type Outcome = { done: string } | { refused: Refused };
type Values = Record<string, string>;

const schema = z.record(z.string(), z.string().max(300));
const USER_CHANGES = { ENABLED: 'enabled', DISABLED: 'disabled', DELETED: 'deleted' } as const;
const ACCOUNT_CHANGES = {
  ACTIVE: 'is active',
  SUSPENDED: 'is suspended',
  PENDING_CLOSURE: 'is being closed',
  CLOSED: 'is closed',
  LEFT: 'has left the organization',
} as const;

/** Finds what the fields of a form name, and remembers what it did not find. */
class Reader {
  readonly wrong: Record<string, string> = {};
  readonly #values: Values;
  readonly #organization: Organization;

  constructor(values: Values, organization: Organization) {
    this.#values = values;
    this.#organization = organization;
  }

  user() {
    const { users } = this.#organization;
    const named = (name: string) =>
      users.find(({ id, userName, displayName }) => [id, userName, displayName].includes(name));
    return this.#found('user', named, 'No person of the organization');
  }

  account() {
    const { accounts } = this.#organization;
    return this.#found('account', (it) => accounts.find(({ id, name }) => id === it || name === it), 'No account');
  }

  permissionSet() {
    const { permissionSets } = this.#organization;
    const named = (it: string) => permissionSets.find(({ arn, name }) => arn === it || name === it);
    return this.#found('permissionSet', named, 'No permission set');
  }

  group() {
    const { groups } = this.#organization;
    const named = (it: string) => groups.find(({ id, displayName }) => id === it || displayName === it);
    return this.#found('group', named, 'No group');
  }

  choice<T extends string>(field: string, choices: readonly T[]): T | undefined {
    const found = choices.find((choice) => choice === this.#values[field]);
    if (found === undefined) this.wrong[field] = 'Choose one of the options.';
    return found;
  }

  #found<T>(field: string, find: (text: string) => T | undefined, none: string): T | undefined {
    const text = (this.#values[field] ?? '').trim();
    const found = find(text);
    if (found === undefined) this.wrong[field] = `${none} is called “${text}”. It may be gone already: choose another.`;
    return found;
  }
}

const acts: Record<string, (reader: Reader, services: SandboxServices) => string | undefined> = {
  assignments(reader, { assignments, organization }) {
    const [user, account, set] = [reader.user(), reader.account(), reader.permissionSet()];
    const change = reader.choice('change', ['made', 'removed']);
    if (!user || !account || !set || !change) return undefined;
    const assignment: SandboxAssignment = {
      accountId: account.id,
      permissionSetArn: set.arn,
      principalType: 'USER',
      principalId: user.id,
    };
    const names = namesOf(assignment, organization);
    const what = `${names.permissionSet} in ${names.account}`;
    if (change === 'made') {
      if (assignments.add(assignment)) return `${names.principal} was assigned ${what}.`;
      reader.wrong.change = `${names.principal} has ${what} already.`;
    } else {
      if (assignments.remove(assignment)) return `${names.principal}’s ${what} was removed.`;
      reader.wrong.change = `${names.principal} does not have ${what}: there is nothing to remove.`;
    }
    return undefined;
  },
  users(reader, services) {
    const user = reader.user();
    const to = reader.choice('to', Object.keys(USER_CHANGES) as (keyof typeof USER_CHANGES)[]);
    if (!user || !to || !changeUser(services, user.id, to)) return undefined;
    return `${user.displayName} was ${USER_CHANGES[to]}.`;
  },
  accounts(reader, services) {
    const account = reader.account();
    const to = reader.choice('to', Object.keys(ACCOUNT_CHANGES) as (keyof typeof ACCOUNT_CHANGES)[]);
    if (!account || !to || !changeAccount(services, account.id, to)) return undefined;
    return `${account.name} ${ACCOUNT_CHANGES[to]}.`;
  },
  'permission-sets'(reader, services) {
    const set = reader.permissionSet();
    if (!set || !deletePermissionSet(services, set.arn)) return undefined;
    return `The permission set ${set.name} was deleted, with everything that was assigned by it.`;
  },
  members(reader, services) {
    const [user, group] = [reader.user(), reader.group()];
    const change = reader.choice('change', ['added', 'removed']);
    if (!user || !group || !change) return undefined;
    if (services.organization.memberships.get(group.id)?.has(user.id) === (change === 'added')) {
      reader.wrong.change = `${user.displayName} is ${change === 'added' ? 'a member' : 'no member'} of ${group.displayName} already.`;
      return undefined;
    }
    changeMembers(services, group.id, change === 'added' ? { add: [user.id] } : { remove: [user.id] });
    return `${user.displayName} was ${change === 'added' ? 'added to' : 'removed from'} ${group.displayName}.`;
  },
};

/** Does what a form of the organization asks for; undefined where there is no such form. */
export function changeOrganization(form: string, body: unknown, services: SandboxServices): Outcome | undefined {
  const act = Object.hasOwn(acts, form) ? acts[form] : undefined;
  if (!act) return undefined;
  const given = schema.safeParse(body);
  const values = given.success ? given.data : {};
  const reader = new Reader(values, services.organization);
  const done = act(reader, services);
  return done === undefined ? { refused: { form, values, wrong: reader.wrong } } : { done };
}
