import type { Column, Table } from './tables.ts';

const SCALARS: Record<string, string> = {
  String: 'text',
  Int: 'int4',
  BigInt: 'int8',
  Float: 'float8',
  Boolean: 'bool',
  DateTime: 'timestamp(3)',
  Json: 'jsonb',
  Bytes: 'bytea',
};
const NATIVE: Record<string, string> = {
  Uuid: 'uuid',
  'Timestamptz(6)': 'timestamptz(6)',
  Date: 'date',
  SmallInt: 'int2',
};

interface Field {
  name: string;
  type: string;
  list: boolean;
  optional: boolean;
  attributes: string;
  column: string;
}

/**
 * The tables that a `schema.prisma` describes. Prisma's language has one field or attribute a line; the generated
 * client's own model says neither what is optional nor what is a list, so the text is read.
 */
export function tablesOfSchema(schema: string): Table[] {
  const models = new Map<string, { fields: Field[]; attributes: string[] }>();
  for (const [, name = '', body = ''] of schema.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const lines = body.split('\n').map((line) => line.replace(/\/\/.*$/, '').trim());
    models.set(name, {
      fields: lines.filter((line) => /^\w/.test(line)).map(fieldOf),
      attributes: lines.filter((line) => line.startsWith('@@')),
    });
  }
  const tableName = (model: string) => argument(models.get(model)?.attributes.join(' ') ?? '', '@@map') ?? model;

  return [...models].map(([model, { fields, attributes }]) => {
    const columnsOf = (inModel: string, list: string) =>
      list.split(',').map((name) => {
        const field = models.get(inModel)?.fields.find((each) => each.name === name.trim());
        if (!field) throw new Error(`schema.prisma: ${inModel} has no field ${name.trim()}`);
        return field.column;
      });
    const scalars = fields.filter(({ type }) => !models.has(type));
    const whole = (kind: string) => attributes.filter((line) => line.startsWith(`${kind}(`));
    const keys = [
      ...scalars.filter(({ attributes }) => /@id\b/.test(attributes)).map(({ column }) => [column]),
      ...whole('@@id').map((line) => columnsOf(model, /\[(.*?)\]/.exec(line)?.[1] ?? '')),
    ];
    const table = tableName(model);
    return {
      name: table,
      columns: new Map(scalars.map((field) => [field.column, columnOf(field)])),
      primaryKey: keys.map((columns) => columns.join(', ')).join('; '),
      uniques: [
        ...scalars
          .filter(({ attributes }) => /@unique\b/.test(attributes))
          .map(({ attributes, column }) => `${named(attributes, '@unique') ?? `${table}_${column}_key`}(${column})`),
        ...whole('@@unique').map((line) => {
          const columns = columnsOf(model, /\[(.*?)\]/.exec(line)?.[1] ?? '');
          return `${named(line, '@@unique') ?? `${table}_${columns.join('_')}_key`}(${columns.join(', ')})`;
        }),
      ].sort(),
      references: fields.flatMap(({ type, attributes }) => {
        const [, own, other] = /@relation\(.*?fields: \[(.*?)\], references: \[(.*?)\]/.exec(attributes) ?? [];
        if (own === undefined || other === undefined) return [];
        return [`(${columnsOf(model, own).join(', ')}) -> ${tableName(type)}(${columnsOf(type, other).join(', ')})`];
      }),
    };
  });
}

function fieldOf(line: string): Field {
  const match = /^(\w+)\s+(\w+)(\[\])?(\?)?\s*(.*)$/.exec(line);
  if (!match) throw new Error(`schema.prisma: this line is not understood: ${line}`);
  const [, name = '', type = '', list, optional, attributes = ''] = match;
  return {
    name,
    type,
    list: list !== undefined,
    optional: optional !== undefined,
    attributes,
    column: argument(attributes, '@map') ?? name,
  };
}

function columnOf({ name, type, list, optional, attributes }: Field): Column {
  const native = /@db\.(\w+(\(\d+\))?)/.exec(attributes)?.[1];
  const postgres = native === undefined ? SCALARS[type] : NATIVE[native];
  if (postgres === undefined)
    throw new Error(`schema.prisma: ${name} has a type that is not known here: ${type} ${native ?? ''}`);
  return {
    type: list ? `_${postgres}` : postgres,
    nullable: optional,
    filled: /@default\(/.test(attributes),
  };
}

/** `@map("name")` → name. */
function argument(attributes: string, attribute: string): string | undefined {
  return new RegExp(`(?<![@\\w])${attribute}\\("([^"]+)"\\)`).exec(attributes)?.[1];
}

/** `@unique(map: "name")` → name. */
function named(attributes: string, attribute: string): string | undefined {
  return new RegExp(`${attribute}\\([^)]*map: "([^"]+)"`).exec(attributes)?.[1];
}
