import {
  DEMO_ACCOUNTS,
  DEMO_PERMISSION_SETS,
  DEMO_UNITS,
  demoGroupId,
  demoOrganization,
  demoUserId,
} from '../demo-organization.ts';
import type { OrganizationalUnit } from '../organization.ts';

/** Somebody at Example Corp, as requests and decisions keep them. */
export interface Person {
  id: string;
  userName: string;
  name: string;
  email: string | null;
  groupIds: string[];
}

export interface Account {
  id: string;
  name: string;
  ouPath: string;
  /** The OUs above it, the root first, its own parent last. */
  ancestorIds: string[];
}

export interface Role {
  arn: string;
  name: string;
  sessionSeconds: number;
}

const organization = demoOrganization();
const units = new Map(unitsBelow(organization.root, '', []));

/** The person of this user name. */
export function person(userName: string): Person {
  const user = organization.users.find((each) => each.userName === userName);
  if (!user) throw new Error(`Nobody at Example Corp is called ${userName}.`);
  const groupIds = [...organization.memberships].filter(([, members]) => members.has(user.id)).map(([id]) => id);
  return { id: user.id, userName, name: user.displayName, email: user.email || null, groupIds };
}

/** The account of this name. */
export function account(name: string): Account {
  const found = organization.accounts.find((each) => each.id === DEMO_ACCOUNTS[name]);
  const parent = found && units.get(found.parentId);
  if (!found || !parent) throw new Error(`Example Corp has no account ${name}.`);
  return { id: found.id, name, ouPath: parent.path, ancestorIds: parent.ids };
}

/** The permission set of this name. */
export function role(name: string): Role {
  const found = organization.permissionSets.find((each) => each.arn === DEMO_PERMISSION_SETS[name]);
  if (!found) throw new Error(`Example Corp has no permission set ${name}.`);
  const hours = Number(/^PT(\d+)H$/.exec(found.sessionDuration)?.[1]);
  return { arn: found.arn, name, sessionSeconds: hours * 3_600 };
}

/** References as policies write them. */
export const ref = {
  group: (name: string) => `GROUP:${demoGroupId(name)}`,
  user: (userName: string) => `USER:${demoUserId(userName)}`,
  account: (name: string) => `ACCOUNT:${account(name).id}`,
  unit(path: string) {
    const id = DEMO_UNITS[path];
    if (id === undefined) throw new Error(`Example Corp has no unit ${path}.`);
    return `OU:${id}`;
  },
  roles: (...names: string[]) => names.map((name) => role(name).arn),
};

function unitsBelow(
  unit: OrganizationalUnit,
  above: string,
  aboveIds: string[],
): [string, { path: string; ids: string[] }][] {
  const path = above === '' ? unit.name : `${above} / ${unit.name}`;
  const ids = [...aboveIds, unit.id];
  return [[unit.id, { path, ids }], ...unit.children.flatMap((child) => unitsBelow(child, path, ids))];
}
