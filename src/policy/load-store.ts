import { Prisma, type Tx } from '../platform/db.ts';
import {
  assemble,
  type CompiledApproval,
  type CompiledEligibility,
  type CompiledGuardrail,
  type CompiledParts,
  compileApproval,
  compileEligibility,
  compileGuardrail,
  type Policies,
} from './compile.ts';
import { revise } from './revise.ts';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail } from './types.ts';

interface Kept {
  /** A random value, so that it stands for one content only, in whatever database. */
  revision: string;
  /** Each policy as compiled, by its ID, with the mark of the row that it was compiled from. */
  byId: Map<string, Compiled>;
  policies: Policies;
}

type Compiled = { mark: string } & (
  | { kind: 'eligibility'; compiled: CompiledEligibility }
  | { kind: 'approval'; compiled: CompiledApproval }
  | { kind: 'guardrail'; compiled: CompiledGuardrail }
);

let kept: Kept | undefined;

/**
 * All policies, compiled; of what changed since only the changed ones are read. Sees the changes of its own transaction.
 * `seen`: the policies' revision, where the caller has just read it with something else.
 */
export async function loadPolicies(tx: Tx, seen?: string): Promise<Policies> {
  const revision = seen ?? (await tx.policyRevision.findFirstOrThrow({ select: { revision: true } })).revision;
  if (kept?.revision === revision) return kept.policies;
  kept = await renew(tx, kept);
  return kept.policies;
}

/**
 * Waits until the changes that are under way are there to be seen or gone. A job that was waiting while somebody's
 * change enqueued another one stands for that change too, so it must not begin to read before the change is committed.
 */
export async function settledPolicies(tx: Tx): Promise<Policies> {
  // Each change of a policy holds this row from its first statement on.
  await tx.$queryRaw`select 1 from policy_revision for share`;
  return loadPolicies(tx);
}

async function renew(tx: Tx, known: Kept | undefined): Promise<Kept> {
  for (;;) {
    const { revision, marks } = await readMarks(tx);
    const byId = new Map<string, Compiled>();
    const changed: string[] = [];
    for (const { id, mark } of marks) {
      const same = known?.byId.get(id);
      if (same?.mark === mark) byId.set(id, same);
      else changed.push(id);
    }
    const read = await readRows(tx, changed);
    // A change that came between the two statements shows in the revision; then what was read may not belong together.
    if (read.revision !== revision) continue;
    const come: CompiledParts = { eligibility: [], approval: [], guardrails: [] };
    for (const row of read.rows) {
      const each = compileRow(row);
      byId.set(row.policy.id, each);
      if (each.kind === 'eligibility') come.eligibility.push(each.compiled);
      else if (each.kind === 'approval') come.approval.push(each.compiled);
      else come.guardrails.push(each.compiled);
    }
    if (known === undefined) return { revision, byId, policies: assemble(come) };
    const gone = new Set<Compiled['compiled']>();
    for (const [id, each] of known.byId) if (byId.get(id) !== each) gone.add(each.compiled);
    return { revision, byId, policies: revise(known.policies, gone, come) };
  }
}

interface Mark {
  id: string;
  mark: string;
}

/** Which version of which row is there. Whoever writes a row, by whatever hand, leaves another transaction and place. */
async function readMarks(tx: Tx): Promise<{ revision: string; marks: Mark[] }> {
  // As one text: thousands of rows, each for itself, take the client longer than the database.
  const [found] = await tx.$queryRaw<{ revision: string; marks: string }[]>`
    select r.revision::text as revision, coalesce((select string_agg(id::text || xmin::text || ctid::text, ';') from (
      select id, xmin, ctid from eligibility_policies union all select id, xmin, ctid from approval_policies
      union all select id, xmin, ctid from guardrails
    ) p), '') as marks from policy_revision r`;
  if (!found) throw new Error('the policy revision is missing');
  return { revision: found.revision, marks: found.marks === '' ? [] : found.marks.split(';').map(readMark) };
}

const ID_LENGTH = 36;

function readMark(text: string): Mark {
  return { id: text.slice(0, ID_LENGTH), mark: text.slice(ID_LENGTH) };
}

type Row = { mark: string } & (
  | { kind: 'eligibility'; policy: AsJson<EligibilityPolicy> }
  | { kind: 'approval'; policy: AsJson<ApprovalPolicy> }
  | { kind: 'guardrail'; policy: Guardrail }
);
type AsJson<P> = Omit<P, 'startsAt' | 'endsAt'> & { startsAt: string | null; endsAt: string | null };

async function readRows(tx: Tx, ids: string[]): Promise<{ revision: string; rows: Row[] }> {
  const wanted = Prisma.sql`id = any(${ids}::uuid[])`;
  const [found] = await tx.$queryRaw<{ revision: string; rows: Row[] }[]>`
    select r.revision::text as revision, coalesce((select jsonb_agg(row) from (
      select jsonb_build_object('kind', 'eligibility', 'mark', xmin::text || ctid::text, 'policy', jsonb_build_object(
        'id', id, 'version', version, 'name', name, 'principals', principals, 'targets', targets,
        'exclusions', exclusions, 'includeNestedOus', include_nested_ous, 'permissionSets', permission_sets,
        'maxDurationMinutes', max_duration_minutes, 'approvalRequired', approval_required,
        'ticketRequired', ticket_required, 'enabled', enabled, 'startsAt', starts_at, 'endsAt', ends_at,
        'note', note, 'ticket', ticket)) as row from eligibility_policies where ${wanted}
      union all select jsonb_build_object('kind', 'approval', 'mark', xmin::text || ctid::text, 'policy', jsonb_build_object(
        'id', id, 'version', version, 'name', name, 'targets', targets, 'exclusions', exclusions,
        'includeNestedOus', include_nested_ous, 'permissionSets', permission_sets, 'requesterGroups', requester_groups,
        'broaderMayDecide', broader_may_decide, 'steps', steps, 'enabled', enabled, 'startsAt', starts_at,
        'endsAt', ends_at, 'note', note, 'ticket', ticket)) from approval_policies where ${wanted}
      union all select jsonb_build_object('kind', 'guardrail', 'mark', xmin::text || ctid::text, 'policy', jsonb_build_object(
        'id', id, 'version', version, 'name', name, 'permissionSets', permission_sets, 'targets', targets,
        'neverSelfServed', never_self_served, 'maxDurationMinutes', max_duration_minutes, 'note', note,
        'ticket', ticket)) from guardrails where ${wanted}
    ) rows), '[]') as rows
    from policy_revision r`;
  if (!found) throw new Error('the policy revision is missing');
  return found;
}

function compileRow(row: Row): Compiled {
  const { mark } = row;
  if (row.kind === 'guardrail') return { kind: row.kind, mark, compiled: compileGuardrail(row.policy) };
  if (row.kind === 'approval') return { kind: row.kind, mark, compiled: compileApproval(withDates(row.policy)) };
  return { kind: row.kind, mark, compiled: compileEligibility(withDates(row.policy)) };
}

function withDates<P extends { startsAt: string | null; endsAt: string | null }>(policy: P) {
  const dateOf = (text: string | null) => (text === null ? null : new Date(text));
  return { ...policy, startsAt: dateOf(policy.startsAt), endsAt: dateOf(policy.endsAt) };
}
