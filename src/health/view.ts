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
import { lasting, took } from './words.ts';

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
  count: string;
  p50: string;
  p99: string;
  worst: string;
}

export interface HealthView {
  verdict: Health['verdict'];
  overdue: TroubleRow[];
  moreOverdue: number;
  leftBehind: TroubleRow[];
  stuck: TroubleRow[];
  failed: TroubleRow[];
  giving: GivingStop | null;
  /** What counts most, and what was drawn on lately. */
  budgets: BudgetBar[];
  fullBudgets: string[];
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
export function healthView(health: Health, mayRetry: boolean): HealthView {
  const { now, promises, state } = health;
  const budgets = budgetsOf(state.budgets);
  const isFull = ({ family, tokens, burst }: BudgetBar) => family !== 'sso-admin' && tokens >= Math.floor(burst);
  const shown = {
    verdict: health.verdict,
    overdue: health.overdue.map((each) => overdueRow(each, now)),
    moreOverdue: health.overdueCount - health.overdue.length,
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
    fullBudgets: budgets.filter(isFull).map(({ family }) => family),
    queuesGone: health.queues === null,
    ...queuesOf(health.queues ?? []),
    copies: [...health.copies.map((each) => copyOf(each, now)), ...driftOf(state, now)],
    replicas: health.replicas.map((each) => replicaOf(each, now)),
    mail: state.mail,
    promises: [
      measured('Time to grant: from its opening until AWS confirmed it', promises.grant),
      measured('Revoke lateness: from the end until AWS was asked', promises.asked),
      measured('Gone: from the end until AWS confirmed it', promises.gone),
    ],
    overdueNow: health.overdueCount,
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

function measured(what: string, { count, p50, p99, worst }: Promise30): Measured {
  return { what, count: count.toLocaleString('en'), p50: took(p50), p99: took(p99), worst: took(worst) };
}
