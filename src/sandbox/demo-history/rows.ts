import type pg from 'pg';
import type { Person } from './company.ts';

/** A row of some table, by the names that the code has for its columns. */
export type Row = Record<string, unknown>;

/** Inserts the rows in their order; all have the columns of the first one. */
export async function insertRows(client: pg.ClientBase, table: string, rows: object[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first).map(columnOf).join(', ');
  const data = rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [columnOf(key), value])));
  await client.query(
    `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1)`,
    [JSON.stringify(data)],
  );
}

function columnOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

interface Actor {
  actorKind: 'user' | 'system';
  actorId: string;
  actorName: string;
  actorVia: 'web' | 'worker';
  address: string | null;
  userAgent: string | null;
}

/** The person at their browser. */
export function byPerson({ id, name }: Person): Actor {
  // Somewhere in the network of the office, always the same for the same person.
  const address = `198.51.100.${(Number.parseInt(id.slice(-4), 16) % 200) + 20}`;
  const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  return { actorKind: 'user', actorId: id, actorName: name, actorVia: 'web', address, userAgent };
}

/** The portal itself. */
export function byLatchkey(part: 'access' | 'request'): Actor {
  return {
    actorKind: 'system',
    actorId: part,
    actorName: 'Latchkey',
    actorVia: 'worker',
    address: null,
    userAgent: null,
  };
}

/** An audit event as the portal's commands write it. */
export function auditEvent(
  at: Date,
  kind: string,
  actor: Actor,
  subject: { kind: string; id: string },
  more: { requestId?: string; before?: object; after?: object } = {},
): Row & { at: Date } {
  return {
    at,
    kind,
    ...actor,
    subjectKind: subject.kind,
    subjectId: subject.id,
    requestId: more.requestId ?? null,
    before: more.before ?? null,
    after: more.after ?? null,
  };
}
