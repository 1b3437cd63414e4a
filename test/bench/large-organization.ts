import pg from 'pg';
import { generateOrganization } from '../../src/sandbox/generate-organization.ts';
import type { Organization, OrganizationalUnit, SandboxUser } from '../../src/sandbox/organization.ts';
import { type LargePolicies, largePolicies } from './large-policies.ts';

/** 5,000 accounts in 400 OUs, 500 permission sets, 50,000 users, 20,000 groups, 2,500 policies, a person in 200 groups. */
export interface Large {
  organization: Organization;
  policies: LargePolicies;
  /** The person in 200 groups. */
  person: SandboxUser;
  personGroups: string[];
}

export function largeOrganization(): Large {
  const organization = generateOrganization({
    seed: 1,
    accounts: 5_000,
    permissionSets: 500,
    users: 50_000,
    groups: 20_000,
  });
  const person = organization.users.find((user) => user.status === 'ENABLED');
  if (!person) throw new Error('nobody is enabled');
  const own = organization.groups.filter((group) => organization.memberships.get(group.id)?.has(person.id));
  const personGroups = own.map((group) => group.id);
  for (const group of organization.groups) {
    if (personGroups.length >= 200) break;
    if (personGroups.includes(group.id)) continue;
    organization.memberships.get(group.id)?.add(person.id);
    personGroups.push(group.id);
  }
  return { organization, policies: largePolicies(organization, personGroups), person, personGroups };
}

/** Writes the directory's copy and the policies straight into the tables: a paced copy from AWS takes minutes. */
export async function fillLarge(databaseUrl: string, { organization, policies }: Large): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const insert = (table: string, columns: Record<string, string>, rows: object[]) =>
    client.query(
      `insert into ${table} (${Object.keys(columns).join(', ')})
       select ${Object.keys(columns).join(', ')} from jsonb_to_recordset($1::jsonb)
       as r(${Object.entries(columns)
         .map(([name, type]) => `${name} ${type}`)
         .join(', ')}) on conflict do nothing`,
      [JSON.stringify(rows)],
    );
  try {
    const units = placedUnits(organization.root, [], '');
    await insert('organizational_units', UNIT_COLUMNS, units);
    const byId = new Map(units.map((unit) => [unit.id, unit]));
    await insert(
      'accounts',
      ACCOUNT_COLUMNS,
      organization.accounts.map((account) => {
        const parent = byId.get(account.parentId);
        return {
          ...account,
          parent_id: account.parentId,
          ou_path: parent?.path ?? '',
          ancestor_ids: [...(parent?.ancestor_ids ?? []), account.parentId],
          is_management: account.id === organization.managementAccountId,
        };
      }),
    );
    await insert(
      'permission_sets',
      { arn: 'text', name: 'text', description: 'text', session_seconds: 'integer', in_management_account: 'boolean' },
      organization.permissionSets.map((set) => ({ ...set, session_seconds: 3_600, in_management_account: false })),
    );
    await insert(
      'users',
      { id: 'text', user_name: 'text', display_name: 'text', email: 'text', enabled: 'boolean' },
      organization.users.map((user) => ({
        id: user.id,
        user_name: user.userName,
        display_name: user.displayName,
        email: user.email,
        enabled: user.status === 'ENABLED',
      })),
    );
    await insert(
      'groups',
      { id: 'text', display_name: 'text', description: 'text' },
      organization.groups.map((group) => ({ ...group, display_name: group.displayName })),
    );
    await insert('memberships', { group_id: 'text', user_id: 'text' }, membershipsOf(organization, policies));
    const by = { updated_by_id: 'bench', updated_by_name: 'Benchmark' };
    const rowOf = (policy: object) => ({ ...snakeCase(policy), ...by });
    await insert('eligibility_policies', ELIGIBILITY_COLUMNS, policies.eligibility.map(rowOf));
    await insert('approval_policies', APPROVAL_COLUMNS, policies.approval.map(rowOf));
    await insert('guardrails', GUARDRAIL_COLUMNS, policies.guardrails.map(rowOf));
    await client.query(
      `insert into directory_syncs (kind, started_at, succeeded_at, row_count)
       select kind, app_now(), app_now(), 1 from unnest(array['organization', 'permission_sets', 'users', 'groups', 'memberships']) kind
       on conflict (kind) do update set succeeded_at = excluded.succeeded_at`,
    );
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

interface PlacedUnit {
  id: string;
  name: string;
  parent_id: string | null;
  path: string;
  ancestor_ids: string[];
}

function placedUnits(unit: OrganizationalUnit, ancestors: string[], above: string): PlacedUnit[] {
  const path = above === '' ? unit.name : `${above} / ${unit.name}`;
  const own = { id: unit.id, name: unit.name, parent_id: ancestors.at(-1) ?? null, path, ancestor_ids: ancestors };
  return [own, ...unit.children.flatMap((child) => placedUnits(child, [...ancestors, unit.id], path))];
}

/** The members of the groups that policies name: those are what the portal copies. */
function membershipsOf(organization: Organization, { eligibility, approval }: LargePolicies) {
  const named = new Set(
    [
      ...eligibility.flatMap((policy) => policy.principals),
      ...approval.flatMap((policy) => [
        ...policy.steps.flatMap((step) => step.approvers),
        ...policy.requesterGroups.map((id) => `GROUP:${id}`),
      ]),
    ].map((ref) => ref.slice('GROUP:'.length)),
  );
  return [...named].flatMap((group_id) =>
    [...(organization.memberships.get(group_id) ?? [])].map((user_id) => ({ group_id, user_id })),
  );
}

function snakeCase(policy: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(policy).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

const UNIT_COLUMNS = { id: 'text', name: 'text', parent_id: 'text', path: 'text', ancestor_ids: 'text[]' };
const ACCOUNT_COLUMNS = {
  id: 'text',
  name: 'text',
  email: 'text',
  state: 'text',
  parent_id: 'text',
  ou_path: 'text',
  ancestor_ids: 'text[]',
  is_management: 'boolean',
};
const COMMON_COLUMNS = {
  id: 'uuid',
  name: 'text',
  note: 'text',
  ticket: 'text',
  version: 'integer',
  targets: 'text[]',
  permission_sets: 'text[]',
  updated_by_id: 'text',
  updated_by_name: 'text',
};
const HELD_COLUMNS = {
  exclusions: 'text[]',
  include_nested_ous: 'boolean',
  enabled: 'boolean',
  starts_at: 'timestamptz',
  ends_at: 'timestamptz',
};
const ELIGIBILITY_COLUMNS = {
  ...COMMON_COLUMNS,
  ...HELD_COLUMNS,
  principals: 'text[]',
  max_duration_minutes: 'integer',
  approval_required: 'boolean',
  ticket_required: 'boolean',
};
const APPROVAL_COLUMNS = {
  ...COMMON_COLUMNS,
  ...HELD_COLUMNS,
  requester_groups: 'text[]',
  broader_may_decide: 'boolean',
  steps: 'jsonb',
};
const GUARDRAIL_COLUMNS = { ...COMMON_COLUMNS, never_self_served: 'boolean', max_duration_minutes: 'integer' };
