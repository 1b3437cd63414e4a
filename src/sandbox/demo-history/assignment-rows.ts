import { DEMO_INSTANCE_ARN } from '../demo-organization.ts';
import { CANNOT_REVOKE, type ToldGrant } from './grant-rows.ts';
import type { Row } from './rows.ts';
import { plusMinutes, plusSeconds } from './story.ts';

const ENDING_SOON_MINUTES = 15;
/** So many tries in a row brought nothing: the pauses are at their longest. */
const FAILURES = 160;

/** The assignment as it must be while grants and operations are written: what is asked of AWS is asked of ours only. */
export function assignmentRow(id: string, grants: ToldGrant[]): Row {
  const [first] = grants;
  if (!first) throw new Error('An assignment belongs to a grant.');
  const { row } = first;
  return {
    id,
    instanceArn: DEMO_INSTANCE_ARN,
    principalType: 'USER',
    principalId: row.userId,
    targetType: 'AWS_ACCOUNT',
    targetId: row.accountId,
    permissionSetArn: row.permissionSetArn,
    ownership: 'ours',
    observed: 'unknown',
    absentSeenAt: row.opensAt,
    mustBeGoneBy: row.latestEnd,
    fence: 1 + grants.reduce((sum, grant) => sum + grant.operations.length, 0),
    failures: 0,
    createdAt: row.createdAt,
  };
}

/** What the engine knows of the assignment and owes for it, after everything that happened. */
export function finalState(grants: ToldGrant[], now: Date) {
  const open = grants.filter(({ life }) => ['scheduled', 'activating', 'active', 'overdue'].includes(life.kind));
  const latestEnd = latest(open.map(({ row }) => row.latestEnd));
  const given = open.filter(({ life }) => life.kind !== 'scheduled');
  if (given.length === 0) return atRest(grants, latestEnd, earliest(open.map(({ row }) => row.opensAt)));

  const create = given.flatMap(({ operations }) => operations).find(({ kind }) => kind === 'create');
  if (!create) throw new Error('Access that is there was created.');
  const ours = { ...NOTHING, ownership: 'ours', absentSeenAt: create.absentSeenAt, mustBeGoneBy: latestEnd };
  const overdue = given.find(({ life }) => life.kind === 'overdue');
  if (overdue) {
    const since = plusSeconds(overdue.row.endDueAt ?? now, 0.8);
    const tried = { failures: FAILURES, lastError: CANNOT_REVOKE, takeAfter: now, cannotRevokeSince: since };
    return { ...ours, ...tried, observed: 'present', observedAt: overdue.row.activatedAt, nextAt: now };
  }
  if (create.outcome === 'in_progress') {
    const seen = create.absentSeenAt;
    return { ...ours, observed: 'absent', observedAt: seen, absentSince: seen, nextAt: now };
  }
  const observedAt = latest(given.map(({ row }) => row.activatedAt));
  return { ...ours, observed: 'present', observedAt, nextAt: earliest(given.map(nextChange)) };
}

const NOTHING = {
  ownership: 'unknown',
  observed: 'unknown',
  observedAt: null as Date | null,
  absentSince: null as Date | null,
  absentSeenAt: null as Date | null,
  mustBeGoneBy: null as Date | null,
  nextAt: null as Date | null,
  failures: 0,
  lastError: null as string | null,
  takeAfter: null as Date | null,
  cannotRevokeSince: null as Date | null,
};

/** Nothing of ours is there. */
function atRest(grants: ToldGrant[], mustBeGoneBy: Date | null, nextAt: Date | null) {
  const last = grants.at(-1);
  const seen = last?.row.endedAt ?? last?.operations.at(-1)?.finishedAt ?? null;
  const standing = last?.request.story.found === 'by hand';
  const looked = seen !== null && { observed: standing ? 'present' : 'absent', observedAt: seen };
  const lastError = last?.life.kind === 'failed' ? last.life.aws : null;
  return { ...NOTHING, ...looked, absentSince: standing ? null : seen, mustBeGoneBy, nextAt, lastError };
}

function nextChange({ row }: ToldGrant): Date | null {
  if (row.closesAt === null) return null;
  return row.endingSoonToldAt === null ? plusMinutes(row.closesAt, -ENDING_SOON_MINUTES) : row.closesAt;
}

function times(all: (Date | null)[]): number[] {
  return all.filter((at) => at !== null).map((at) => at.getTime());
}

function latest(all: (Date | null)[]): Date | null {
  const given = times(all);
  return given.length === 0 ? null : new Date(Math.max(...given));
}

function earliest(all: (Date | null)[]): Date | null {
  const given = times(all);
  return given.length === 0 ? null : new Date(Math.min(...given));
}
