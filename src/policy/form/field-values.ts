/** A policy's form as it stands, right or wrong, by field name. What the database cannot look up is left out when it is read. */
export type Fields = Record<string, string | string[]>;

export function one(fields: Fields, name: string): string {
  return ([fields[name] ?? ''].flat()[0] ?? '').replaceAll('\0', '');
}

export function many(fields: Fields, name: string): string[] {
  return [fields[name] ?? []]
    .flat()
    .map((value) => value.replaceAll('\0', ''))
    .filter((value) => value !== '');
}

/** Ticked, or chosen as 'true'. */
export function isTicked(fields: Fields, name: string): boolean {
  return !['', 'false'].includes(one(fields, name));
}
