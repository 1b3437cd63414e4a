import type { Tx } from '../../platform/db.ts';
import type { FieldErrors } from '../../platform/errors.ts';
import type { Facts } from '../form/check.ts';
import type { Author, Stored } from '../store.ts';
import type { PolicyContent, PolicyKind } from '../types.ts';

export interface AnyPolicy {
  id: string;
  version: number;
  name: string;
  ticket: string;
}

/** The policy that is changed, as the person saw it. */
export interface Seen {
  id: string;
  version: number;
}

/** What saving, deleting and restoring need to know of one kind of policy. */
export interface KindOfPolicy<P extends AnyPolicy> {
  kind: PolicyKind;
  find(tx: Tx, id: string): Promise<Stored<P> | null>;
  write(
    tx: Tx,
    which: { id: string | undefined; version: number },
    content: PolicyContent<P>,
    by: Author,
    now: Date,
  ): Promise<Stored<P>>;
  mistakes(content: PolicyContent<P>, facts: Facts): FieldErrors;
  /** Every reference that the policy makes, as `readNames` takes them. */
  references(content: PolicyContent<P>): string[];
  /** What a kept version says, also of one that was kept before newer fields were there. */
  fromDocument(document: unknown): PolicyContent<P>;
}

/** The first word of its audit events, and the kind of their subject. */
export function subjectKind(kind: PolicyKind): string {
  return kind === 'guardrail' ? 'guardrail' : `${kind}-policy`;
}
