import { type GivingStop, inTheWay, type OverdueGrant, type Promise30, type StuckGrant } from '../access/index.ts';
import {
  type AgeView,
  type BudgetBar,
  budgetsOf,
  copyOf,
  driftOf,
  queuesOf,
  type ReplicaView,
  replicaOf,
} from './parts.ts';
import { type Health, versionOf } from './read-health.ts';
import { lasting, took, verdictOf } from './words.ts';

/** One thing that should be gone or given and is not. */
interface TroubleRow {
  id: string;
  assignmentId: string;
  request: { id: string; number: string } | null;
  person: string;
  account: { id: string; name: string; ouPath: string };
  role: string;
  since: Date | null;
  age: string;
  why: string;
  /** In AWS's words. */
  says: string | null;
  nextTryAt: Date | null;
  forbiddenSince: Date | null;
  retryable: boolean;
  /** Nobody tries it by itself. */
  idle: boolean;
}

interface Measured {
  what: string;
  /** What belongs to it. */
  note: string;
  count: string;
  p50: string;
  p99: string;
  worst: string;
}

export interface HealthView {
  verdict: { good: boolean; text: string };
  overdue: TroubleRow[];
  moreOverdue: number;
  leftBehind: TroubleRow[];
  stuck: TroubleRow[];
  failed: TroubleRow[];
  giving: GivingStop | null;
  /** What counts most, and what was drawn on lately. */
  budgets: BudgetBar[];
  fullBudgets: number;
  /** Differences from AWS that nobody has decided on. */
  openFindings: number;
  /** The queue's tables are gone. */
  queuesGone: boolean;
  busyQueues: { name: string; words: string }[];
  emptyQueues: string[];
  copies: AgeView[];
  replicas: ReplicaView[];
  mail: Health['state']['mail'];
  promises: Measured[];
  overdueNow: number;
  /** Where retrying is offered. */
  mayRetry: boolean;
  version: string;
}

const NOT_TAKEN = { cannotRevokeSince: null, cannotRevokeReason: null };

/** The page's words for what was read. */
export function healthView(
  health: Health,
  { mayRetry, format }: { mayRetry: boolean; format: (at: Date) => string },
): HealthView {
  const { attention, promises, state } = health;
  const { now } = attention;
  const budgets = budgetsOf(state.budgets);
  const isFull = ({ family, tokens, burst }: BudgetBar) => family !== 'sso-admin' && tokens >= Math.floor(burst);
  const shown = {
    verdict: verdictOf(attention, health, format),
    overdue: health.overdue.map((each) => overdueRow(each, now)),
    moreOverdue: attention.overdue - health.overdue.length,
    leftBehind: health.leftBehind.map((each) => ({
      ...troubleOf(each, now, each.mustBeGoneBy),
      id: each.assignmentId,
      ...inTheWay(each, false),
      forbiddenSince: each.cannotRevokeSince,
      retryable: true,
    })),
    stuck: health.stuck.map((each) => ({ ...stuckRow(each, now), ...inTheWay({ ...each, ...NOT_TAKEN }, true) })),
    failed: health.failed.map((each) => ({
      ...stuckRow(each, now),
      why: each.failure ?? '',
      says: null,
      nextTryAt: null,
      idle: true,
    })),
    giving: health.giving,
    budgets: budgets.filter((each) => !isFull(each)),
    fullBudgets: budgets.filter(isFull).length,
    openFindings: state.drift.openFindings,
    queuesGone: health.queues === null,
    ...queuesOf(health.queues ?? []),
    copies: [...health.copies.map((each) => copyOf(each, now)), ...driftOf(state, now)],
    replicas: health.replicas.map((each) => replicaOf(each, now)),
    mail: state.mail,
    promises: [
      measured(
        'Time to grant: from its opening until AWS confirmed it',
        promises.grant,
        'Time in which giving was stopped is part of it.',
      ),
      measured('Revoke lateness: from the end until AWS was first asked', promises.asked, 'Whatever AWS answered.'),
      measured('Gone: from the end until AWS confirmed it', promises.gone, ''),
    ],
    overdueNow: attention.overdue,
    mayRetry,
  };
  return { ...shown, version: versionOf(shown) };
}

function overdueRow(grant: OverdueGrant, now: Date): TroubleRow {
  const dueAt = grant.endDueAt ?? grant.closesAt;
  return {
    ...troubleOf({ ...grant, person: grant.userDisplayName, role: grant.permissionSetName }, now, dueAt),
    id: grant.id,
    ...inTheWay(grant, false),
    forbiddenSince: grant.cannotRevokeSince,
    retryable: true,
  };
}

function stuckRow(grant: StuckGrant, now: Date): TroubleRow {
  return { ...troubleOf(grant, now, grant.opensAt), id: grant.grantId, retryable: grant.retryable };
}

type Whose = Pick<
  StuckGrant,
  'assignmentId' | 'requestId' | 'requestNumber' | 'person' | 'accountId' | 'accountName' | 'ouPath' | 'role'
> &
  Pick<StuckGrant, 'nextTryAt'>;

function troubleOf(whose: Whose, now: Date, since: Date | null): Omit<TroubleRow, 'id' | 'retryable'> {
  const { assignmentId, requestId, requestNumber, person, role, nextTryAt } = whose;
  return {
    assignmentId,
    request: requestId && requestNumber !== null ? { id: requestId, number: `R-${requestNumber}` } : null,
    person,
    account: { id: whose.accountId, name: whose.accountName, ouPath: whose.ouPath },
    role,
    since,
    age: since ? lasting(now.getTime() - since.getTime()) : '',
    why: '',
    says: null,
    // What is due in a moment, or is being done, has no next try to wait for.
    nextTryAt: nextTryAt && nextTryAt > now ? nextTryAt : null,
    forbiddenSince: null,
    idle: false,
  };
}

function measured(what: string, { count, p50, p99, worst }: Promise30, note: string): Measured {
  return { what, note, count: count.toLocaleString('en'), p50: took(p50), p99: took(p99), worst: took(worst) };
}
