import type { Tx } from '../platform/db.ts';
import type { Account, OrganizationalUnit, PermissionSet } from './types.ts';

/** An account with what a search compares: see `search_text` in the database. */
export interface SearchableAccount extends Account {
  search: string;
}

/** One content of a table, read in one statement, so that revision and rows belong together. */
export interface Snapshot<Row> {
  revision: string;
  rows: Row[];
}

/** The random value that stands for the present content of accounts, units and permission sets. */
export async function directoryRevision(tx: Tx): Promise<string> {
  return (await tx.directoryRevision.findFirstOrThrow({ select: { revision: true } })).revision;
}

/** Every account, in the order in which a search gives them. */
export async function readAccounts(tx: Tx): Promise<Snapshot<SearchableAccount>> {
  return one(
    await tx.$queryRaw<Snapshot<SearchableAccount>[]>`
      select r.revision::text as revision,
        (select coalesce(jsonb_agg(jsonb_build_object(
          'id', id, 'name', name, 'email', email, 'state', state, 'ouPath', ou_path, 'ancestorIds', ancestor_ids,
          'isManagement', is_management, 'search', search) order by search collate "C", id collate "C"), '[]')
         from accounts) as rows
      from directory_revision r`,
  );
}

export async function readUnits(tx: Tx): Promise<Snapshot<OrganizationalUnit>> {
  return one(
    await tx.$queryRaw<Snapshot<OrganizationalUnit>[]>`
      select r.revision::text as revision,
        (select coalesce(jsonb_agg(jsonb_build_object(
          'id', id, 'name', name, 'parentId', parent_id, 'path', path, 'ancestorIds', ancestor_ids)), '[]')
         from organizational_units) as rows
      from directory_revision r`,
  );
}

/** Every permission set, by name. */
export async function readPermissionSetRows(tx: Tx): Promise<Snapshot<PermissionSet>> {
  return one(
    await tx.$queryRaw<Snapshot<PermissionSet>[]>`
      select r.revision::text as revision,
        (select coalesce(jsonb_agg(jsonb_build_object(
          'arn', arn, 'name', name, 'description', description, 'sessionSeconds', session_seconds,
          'inManagementAccount', in_management_account) order by search collate "C", arn collate "C"), '[]')
         from permission_sets) as rows
      from directory_revision r`,
  );
}

function one<Row>([snapshot]: Snapshot<Row>[]): Snapshot<Row> {
  if (!snapshot) throw new Error('the directory revision is missing');
  return snapshot;
}
