import type pg from 'pg';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import type { Organization, OrganizationalUnit, SandboxUser } from '../../src/sandbox/organization.ts';
import type { LargePolicies } from './large-policies.ts';

/** The organization that the goals for speed are set for. The same at every run. */
export function largeOrganization(): Organization {
  return generateOrganization({ seed: 1, accounts: 5_000, permissionSets: 500, users: 50_000, groups: 20_000 });
}

export interface BusyPerson {
  user: SandboxUser;
  /** At least 200. */
  groupIds: string[];
}

/** Somebody who is in as many groups as anybody. */
export function busyPerson({ users, memberships }: Organization): BusyPerson {
  const groupIdsByUser = new Map<string, string[]>();
  for (const [groupId, members] of memberships) {
    for (const userId of members) {
      const there = groupIdsByUser.get(userId);
      if (there) there.push(groupId);
      else groupIdsByUser.set(userId, [groupId]);
    }
  }
  const groupsOf = (user: SandboxUser) => groupIdsByUser.get(user.id) ?? [];
  const enabled = users.filter((user) => user.status === 'ENABLED');
  const [first] = enabled.toSorted((a, b) => groupsOf(b).length - groupsOf(a).length);
  if (first === undefined) throw new Error('nobody is enabled');
  return { user: first, groupIds: groupsOf(first) };
}

/**
 * Writes the organization as a copy that was just made, without asking AWS for it at the pace of its quotas.
 * `namedGroups`: the groups whose members are copied, as policies and settings name them.
 */
export async function fillDirectory(
  pool: pg.Pool,
  organization: Organization,
  namedGroups: ReadonlySet<string>,
): Promise<void> {
  const units = flat(organization.root);
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  await insert(pool, 'organizational_units', 'id, name, parent_id, path, ancestor_ids', units);
  await insert(
    pool,
    'accounts',
    'id, name, email, state, parent_id, ou_path, ancestor_ids, is_management',
    organization.accounts.map(({ id, name, email, state, parentId }) => {
      const parent = byId.get(parentId);
      if (!parent) throw new Error(`${id} lies in no unit`);
      return {
        id,
        name,
        email,
        state,
        parent_id: parentId,
        ou_path: parent.path,
        ancestor_ids: [...parent.ancestor_ids, parent.id],
        is_management: id === organization.managementAccountId,
      };
    }),
  );
  await insert(
    pool,
    'permission_sets',
    'arn, name, description, session_seconds, in_management_account',
    organization.permissionSets.map(({ arn, name, description }) => ({
      arn,
      name,
      description,
      session_seconds: 3600,
      in_management_account: false,
    })),
  );
  await insert(
    pool,
    'users',
    'id, user_name, display_name, email, enabled',
    organization.users.map(({ id, userName, displayName, email, status }) => ({
      id,
      user_name: userName,
      display_name: displayName,
      email,
      enabled: status === 'ENABLED',
    })),
  );
  await insert(
    pool,
    'groups',
    'id, display_name, description',
    organization.groups.map(({ id, displayName, description }) => ({ id, display_name: displayName, description })),
  );
  const memberships = [...organization.memberships]
    .filter(([groupId]) => namedGroups.has(groupId))
    .flatMap(([group_id, members]) => [...members].map((user_id) => ({ group_id, user_id })));
  await insert(pool, 'memberships', 'group_id, user_id', memberships);
  await pool.query(
    `insert into directory_syncs (kind, started_at, succeeded_at)
     select unnest(array['organization', 'permission_sets', 'users', 'groups', 'memberships']), app_now(), app_now()`,
  );
  await pool.query('vacuum analyze');
}

/** Writes the policies, as their first versions. */
export async function fillPolicies(pool: pg.Pool, policies: LargePolicies): Promise<void> {
  const by = { version: 1, updated_by_id: 'benchmark', updated_by_name: 'Benchmark' };
  const common =
    'id, version, name, targets, permission_sets, note, ticket, updated_by_id, updated_by_name, exclusions, include_nested_ous, enabled';
  const snake = (policy: object) =>
    Object.fromEntries(
      Object.entries(policy).map(([key, value]) => [
        key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value,
      ]),
    );
  const rows = (list: object[]) => list.map((policy) => ({ ...snake(policy), ...by }));
  await insert(
    pool,
    'eligibility_policies',
    `${common}, principals, max_duration_minutes, approval_required, ticket_required`,
    rows(policies.eligibility),
  );
  await insert(
    pool,
    'approval_policies',
    `${common}, requester_groups, broader_may_decide, steps`,
    rows(policies.approval),
  );
  await insert(
    pool,
    'guardrails',
    'id, version, name, targets, permission_sets, note, ticket, updated_by_id, updated_by_name, never_self_served, max_duration_minutes',
    rows(policies.guardrails),
  );
  await pool.query('vacuum analyze');
}

/** The groups that the policies name: those whose members a portal copies. */
export function groupsNamedBy(policies: LargePolicies): Set<string> {
  const refs = [
    ...policies.eligibility.flatMap((policy) => policy.principals),
    ...policies.approval.flatMap((policy) => policy.steps.flatMap((step) => step.approvers)),
  ];
  const named = refs.filter((ref) => ref.startsWith('GROUP:')).map((ref) => ref.slice('GROUP:'.length));
  return new Set([...named, ...policies.approval.flatMap((policy) => policy.requesterGroups)]);
}

interface UnitRow {
  id: string;
  name: string;
  parent_id: string | null;
  path: string;
  ancestor_ids: string[];
}

function flat(unit: OrganizationalUnit, parent?: UnitRow): UnitRow[] {
  const row: UnitRow = {
    id: unit.id,
    name: unit.name,
    parent_id: parent?.id ?? null,
    path: parent ? `${parent.path} / ${unit.name}` : unit.name,
    ancestor_ids: parent ? [...parent.ancestor_ids, parent.id] : [],
  };
  return [row, ...unit.children.flatMap((child) => flat(child, row))];
}

/** So many rows go in one statement. */
const BATCH = 5_000;

async function insert(pool: pg.Pool, table: string, columns: string, rows: object[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH) {
    await pool.query(
      `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(rows.slice(from, from + BATCH))],
    );
  }
}
