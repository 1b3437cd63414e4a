/** A database as both sides tell of it: by the Prisma schema, and by Postgres. Everything is in sorted text. */
export interface Table {
  name: string;
  columns: Map<string, Column>;
  primaryKey: string;
  /** `constraint or index name(column, column)`. */
  uniques: string[];
  /** `(column) -> table(column)`. */
  references: string[];
}

export interface Column {
  /** As Postgres calls it: text, int4, timestamptz(6), uuid, _text. */
  type: string;
  nullable: boolean;
  /** The database fills it in where an insert leaves it out. */
  filled: boolean;
}

/** What differs, one sentence each. Foreign keys that the schema does not use are left alone. */
export function differences(schema: Table[], database: Table[]): string[] {
  const inDatabase = new Map(database.map((table) => [table.name, table]));
  const inSchema = new Set(schema.map((table) => table.name));
  const missing = database.filter(({ name }) => !inSchema.has(name)).map(({ name }) => `${name}: no model maps to it`);
  return [
    ...missing,
    ...schema.flatMap((model) => {
      const table = inDatabase.get(model.name);
      return table ? tableDifferences(model, table) : [`${model.name}: the model has no table`];
    }),
  ].sort();
}

function tableDifferences(model: Table, table: Table): string[] {
  const found: string[] = [];
  for (const name of new Set([...model.columns.keys(), ...table.columns.keys()])) {
    const field = model.columns.get(name);
    const column = table.columns.get(name);
    if (!field) found.push(`${name}: a column without a field`);
    else if (!column) found.push(`${name}: a field without a column`);
    else {
      if (field.type !== column.type)
        found.push(`${name}: ${field.type} in the schema, ${column.type} in the database`);
      if (field.nullable !== column.nullable) {
        found.push(`${name}: ${nullability(field)} in the schema, ${nullability(column)} in the database`);
      }
      if (field.filled && !column.filled)
        found.push(`${name}: the schema leaves it to the database, which has no default`);
      if (!field.filled && column.filled) found.push(`${name}: the database has a default, the schema does not say so`);
    }
  }
  if (model.primaryKey !== table.primaryKey) {
    found.push(`primary key (${model.primaryKey}) in the schema, (${table.primaryKey}) in the database`);
  }
  for (const unique of model.uniques) if (!table.uniques.includes(unique)) found.push(`unique ${unique}: schema only`);
  for (const unique of table.uniques)
    if (!model.uniques.includes(unique)) found.push(`unique ${unique}: database only`);
  for (const each of model.references)
    if (!table.references.includes(each)) found.push(`relation ${each}: no foreign key`);
  return found.map((sentence) => `${table.name}.${sentence}`);
}

const nullability = ({ nullable }: Column) => (nullable ? 'optional' : 'required');
