import type { Prisma } from '../platform/db.ts';
import type { Grant } from './types.ts';

type GrantRow = Prisma.GrantGetPayload<object>;

/** A grant without what only the engine needs of it. */
export function toGrant(row: GrantRow): Grant {
  const { rightsCheckedAt, announced, endingSoonToldAt, overdueTold, rightsLostToldAt, createdAt, ...grant } = row;
  return grant as Grant;
}

export type Json = Record<string, unknown>;

/** A row that came as JSON, with our names and with times as times: those are the columns that end in _at, _by, … */
export function camelCased<T>(row: Json): T {
  const entries = Object.entries(row).map(([name, value]) => [
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    TIME.test(name) && typeof value === 'string' ? new Date(value) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

const TIME = /(_at|_until|_after|_since|_end|_from|_gone_by)$/;
