import { noteRemovedOutside, noteThereAgain } from '../access/index.ts';
import { type AuditEvent, record, recordAll, systemActor } from '../audit/index.ts';
import type { Tx } from '../platform/db.ts';
import { compare } from './compare.ts';
import { clearFinding, noteFindings, type Shown, type StandingFinding, standingFindings } from './findings-store.ts';
import { type DriftTuple, type KnownTuple, readKnown, type Scope, trustedFrom } from './known-store.ts';

const ACTOR = systemActor('drift');

/** What AWS answered. `from`: the database's time before it was asked; `listed`: every assignment of a user in scope. */
export interface Listing {
  scope: Scope;
  from: Date;
  listed: DriftTuple[];
}

/**
 * Compares what AWS lists with what Latchkey knows, and writes the findings that follow: new ones, those that still
 * show, and those that no longer do. Nothing is asked of AWS. How many of the scope stand open afterwards.
 */
export async function conclude(tx: Tx, { scope, from, listed }: Listing): Promise<number> {
  const findings = await standingFindings(tx, scope);
  const standing = byTuple(findings);
  const people = [...new Set([...findings, ...listed].map(({ principalId }) => principalId))];
  const known = new Map((await readKnown(tx, scope, people, from)).map((each) => [keyOf(each), each]));
  const trusted = await trustedFrom(tx);
  const present = new Map(listed.map((each) => [keyOf(each), each]));
  const tuples = new Map<string, DriftTuple>([...known, ...present]);
  for (const [key, [finding]] of standing) if (finding) tuples.set(key, finding);
  const shown: Shown[] = [];
  let open = 0;
  // In one order, as everyone who locks several.
  for (const [key, tuple] of [...tuples].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const mine = known.get(key) ?? null;
    const verdict = compare(mine, { from, present: present.has(key) }, trusted);
    const before = standing.get(key) ?? [];
    if (verdict.kind === 'unsettled') {
      open += before.filter(({ state }) => state === 'open').length;
      continue;
    }
    const told = verdict.kind === 'nothing' ? null : verdict.kind;
    for (const finding of before) if (finding.kind !== told) await clear(tx, finding);
    if (mine) await tellAccess(tx, mine, { from, present: present.has(key) }, trusted);
    if (told === null) continue;
    const { principalId, accountId, permissionSetArn } = tuple;
    shown.push({ kind: told, principalId, accountId, permissionSetArn, grantId: mine?.activeGrant?.id ?? null });
    if (before.find(({ kind }) => kind === told)?.state !== 'left') open += 1;
  }
  await recordAll(tx, (await noteFindings(tx, shown, from)).map(found));
  return open;
}

/** Notes with the open grants whether what they give is there. */
async function tellAccess(
  tx: Tx,
  { assignmentId, activeGrant, seenAt }: KnownTuple,
  { from, present }: { from: Date; present: boolean },
  trusted: Date | null,
): Promise<void> {
  if (activeGrant === null) return;
  const listed = { assignmentId, lookedAt: from };
  const { opensAt, removedOutsideAt } = activeGrant;
  if (!present) {
    if (removedOutsideAt === null) await noteRemovedOutside(tx, listed);
    return;
  }
  const unproven = seenAt === null || seenAt < opensAt || (trusted !== null && seenAt < trusted);
  if (removedOutsideAt !== null || unproven) await noteThereAgain(tx, listed);
}

function found({ id, kind, principalId: userId, accountId, permissionSetArn }: Shown & { id: string }): AuditEvent {
  return {
    kind: 'drift.found',
    actor: ACTOR,
    subject: { kind: 'drift-finding', id },
    after: { kind, userId, accountId, permissionSetArn },
  };
}

async function clear(tx: Tx, { id, kind, state, principalId, accountId, permissionSetArn }: StandingFinding) {
  await clearFinding(tx, id);
  await record(tx, {
    kind: 'drift.cleared',
    actor: ACTOR,
    subject: { kind: 'drift-finding', id },
    before: { state },
    after: { state: 'cleared', kind, userId: principalId, accountId, permissionSetArn },
  });
}

function keyOf({ principalId, accountId, permissionSetArn }: DriftTuple): string {
  return `${accountId} ${permissionSetArn} ${principalId}`;
}

function byTuple(findings: StandingFinding[]): Map<string, StandingFinding[]> {
  return Map.groupBy(findings, keyOf);
}
