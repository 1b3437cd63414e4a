import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/db.ts';
import { tablesOfDatabase } from './database-tables.ts';
import { projectFile } from './files.ts';
import { tablesOfSchema } from './schema-tables.ts';
import { differences } from './tables.ts';

const SCHEMA = projectFile('prisma/schema.prisma');

test('the migrated database and schema.prisma describe the same tables', async () => {
  await using database = await createTestDatabase();
  const tables = await tablesOfDatabase(database.db.pool);
  expect(tables.length).toBeGreaterThan(20);
  expect(differences(tablesOfSchema(SCHEMA), tables)).toEqual([]);
});

test('whatever changes in the database alone is noticed', async () => {
  await using database = await createTestDatabase();
  const changes: [sql: string, noticed: string][] = [
    ['create table billing (id text)', 'billing: no model maps to it'],
    ['alter table users add color text', 'users.color: a column without a field'],
    ['alter table users rename email to mail', 'users.email: a field without a column'],
    ['alter table users alter email set not null', 'users.email: optional in the schema, required in the database'],
    [
      'alter table users alter user_name drop not null',
      'users.user_name: required in the schema, optional in the database',
    ],
    ['alter table requests alter version type bigint', 'requests.version: int4 in the schema, int8 in the database'],
    [
      'alter table requests alter expires_at type timestamptz(3)',
      'requests.expires_at: timestamptz(6) in the schema, timestamptz(3) in the database',
    ],
    [
      'alter table accounts alter ancestor_ids drop not null',
      'accounts.ancestor_ids: required in the schema, optional in the database',
    ],
    [
      'alter table requests alter submitted_at drop default',
      'requests.submitted_at: the schema leaves it to the database, which has no default',
    ],
    [
      `alter table requests alter account_name set default ''`,
      'requests.account_name: the database has a default, the schema does not say so',
    ],
    [
      'alter table memberships drop constraint memberships_pkey',
      'memberships.primary key (group_id, user_id) in the schema, () in the database',
    ],
    ['alter table users add constraint one_name unique (user_name)', 'users.unique one_name(user_name): database only'],
    [
      'alter table decisions drop constraint decisions_once_per_person',
      'decisions.unique decisions_once_per_person(request_id, approver_id): schema only',
    ],
    [
      'alter table grants drop constraint grants_request_id_fkey',
      'grants.relation (request_id) -> requests(id): no foreign key',
    ],
  ];
  for (const [sql, noticed] of changes) {
    const client = await database.db.pool.connect();
    try {
      await client.query('begin');
      await client.query(sql);
      const tables = await tablesOfDatabase(client);
      expect(differences(tablesOfSchema(SCHEMA), tables), sql).toContain(noticed);
    } finally {
      await client.query('rollback');
      client.release();
    }
  }
});

test('whatever changes in the schema alone is noticed', async () => {
  await using database = await createTestDatabase();
  const tables = await tablesOfDatabase(database.db.pool);
  const billing = `${SCHEMA}\nmodel Billing {\n  id String @id\n\n  @@map("billing")\n}\n`;
  expect(differences(tablesOfSchema(billing), tables)).toEqual(['billing: the model has no table']);
  const list = SCHEMA.replace(/ancestorIds(\s+)String\[\]/, 'ancestorIds$1String');
  expect(differences(tablesOfSchema(list), tables)).toEqual([
    'accounts.ancestor_ids: text in the schema, _text in the database',
  ]);
});
