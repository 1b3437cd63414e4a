/** One column: its type, and the field of the things that are read from AWS. */
type Column = [type: string, field: string];

/** One thing that administrators want to know of, as SQL over the row as it was (`was`) and as it is (`now`). */
interface Tracked {
  what: string;
  when: string;
  from: string;
  to: string;
}

/** A table of the copy. All names in here are ours and go into statements as they are. */
export interface CopyTable {
  name: string;
  columns: Record<string, Column>;
  key: string[];
  /** What of it is told in the list of changes; absent: nothing. */
  told?: { kind: string; nameColumn: string; tracked: Tracked[] };
}

const renamed = (column: string): Tracked => ({
  what: 'renamed',
  when: `was.${column} <> now.${column}`,
  from: `was.${column}`,
  to: `now.${column}`,
});
const moved = (path: string): Tracked => ({
  what: 'moved',
  when: 'was.parent_id is distinct from now.parent_id',
  from: `was.${path}`,
  to: `now.${path}`,
});

export const UNITS: CopyTable = {
  name: 'organizational_units',
  columns: {
    id: ['text', 'id'],
    name: ['text', 'name'],
    parent_id: ['text', 'parentId'],
    path: ['text', 'path'],
    ancestor_ids: ['text[]', 'ancestorIds'],
  },
  key: ['id'],
  told: { kind: 'organizational_unit', nameColumn: 'name', tracked: [renamed('name'), moved('path')] },
};

export const ACCOUNTS: CopyTable = {
  name: 'accounts',
  columns: {
    id: ['text', 'id'],
    name: ['text', 'name'],
    email: ['text', 'email'],
    state: ['text', 'state'],
    parent_id: ['text', 'parentId'],
    ou_path: ['text', 'ouPath'],
    ancestor_ids: ['text[]', 'ancestorIds'],
    is_management: ['boolean', 'isManagement'],
  },
  key: ['id'],
  told: {
    kind: 'account',
    nameColumn: 'name',
    tracked: [
      renamed('name'),
      moved('ou_path'),
      { what: 'state', when: 'was.state <> now.state', from: 'was.state', to: 'now.state' },
    ],
  },
};

export const PERMISSION_SETS: CopyTable = {
  name: 'permission_sets',
  columns: {
    arn: ['text', 'arn'],
    name: ['text', 'name'],
    description: ['text', 'description'],
    session_seconds: ['integer', 'sessionSeconds'],
    in_management_account: ['boolean', 'inManagementAccount'],
  },
  key: ['arn'],
  told: {
    kind: 'permission_set',
    nameColumn: 'name',
    tracked: [
      renamed('name'),
      {
        what: 'management',
        when: 'was.in_management_account <> now.in_management_account',
        from: 'was.in_management_account::text',
        to: 'now.in_management_account::text',
      },
    ],
  },
};

export const USERS: CopyTable = {
  name: 'users',
  columns: {
    id: ['text', 'id'],
    user_name: ['text', 'userName'],
    display_name: ['text', 'displayName'],
    email: ['text', 'email'],
    enabled: ['boolean', 'enabled'],
  },
  key: ['id'],
  told: {
    kind: 'user',
    nameColumn: 'display_name',
    tracked: [
      {
        what: 'renamed',
        when: '(was.display_name, was.user_name) <> (now.display_name, now.user_name)',
        from: `was.display_name || ' (' || was.user_name || ')'`,
        to: `now.display_name || ' (' || now.user_name || ')'`,
      },
      { what: 'disabled', when: 'was.enabled and not now.enabled', from: 'null::text', to: 'null::text' },
      { what: 'enabled', when: 'now.enabled and not was.enabled', from: 'null::text', to: 'null::text' },
    ],
  },
};

export const GROUPS: CopyTable = {
  name: 'groups',
  columns: {
    id: ['text', 'id'],
    display_name: ['text', 'displayName'],
    description: ['text', 'description'],
  },
  key: ['id'],
  told: { kind: 'group', nameColumn: 'display_name', tracked: [renamed('display_name')] },
};

export const MEMBERSHIPS: CopyTable = {
  name: 'memberships',
  columns: { group_id: ['text', 'groupId'], user_id: ['text', 'userId'] },
  key: ['group_id', 'user_id'],
};
