import { type Content, statements, type Value } from '../change/difference.ts';
import type { Names } from '../names.ts';

/** A policy that another admin changed or deleted while this one had its form open. */
export interface Conflict {
  byName: string;
  at: Date;
  /** Where the policy as it is now can be read; null where it was deleted. */
  theirs: string | null;
  /** What the two say differently, in the order of the form. */
  rows: ConflictRow[];
}

export interface ConflictRow {
  label: string;
  stored: Value[];
  mine: Value[];
}

/** What the stored policy and the form say differently. */
export function conflictRows(stored: Content, mine: Content, names: Names): ConflictRow[] {
  const [was, is] = [statements(stored, names), statements(mine, names)];
  const labels = [...new Set([...is, ...was].map(({ label }) => label))];
  const valuesOf = (list: typeof was, label: string) => list.find((each) => each.label === label)?.values ?? [];
  return labels
    .map((label) => ({ label, stored: valuesOf(was, label), mine: valuesOf(is, label) }))
    .filter((row) => row.stored.map(String).join('\n') !== row.mine.map(String).join('\n'));
}
