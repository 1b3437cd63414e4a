import {
  type GivingStop,
  type OverdueGrant,
  type Promise30,
  type Replica,
  type StuckGrant,
  whyNotDone,
} from '../access/index.ts';
import { KIND_NAMES, type KindAge } from '../directory/index.ts';
import { AWS_BUDGETS, IDENTITY_STORE_BUDGET } from '../platform/aws-quotas.ts';
import { type Health, versionOf } from './read-health.ts';
import type { BudgetLevel } from './state-queries.ts';
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
}

interface Measured {
  what: string;
  count: string;
  p50: string;
  p99: string;
  worst: string;
}

export interface BudgetBar {
  family: string;
  /** Calls that could be made at once. */
  tokens: number;
  burst: number;
  rate: number;
  scarce: boolean;
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
  queues: Health['queues'];
  copies: { name: string; age: string; at: Date | null; error: string | null; late: boolean }[];
  replicas: { host: string; role: string; since: string; seen: string; alive: boolean }[];
  mail: Health['state']['mail'];
  promises: Measured[];
  overdueNow: number;
  /** Where retrying is offered. */
  mayRetry: boolean;
  version: string;
}

/** Copies are renewed every ten minutes; older than this, something is wrong. */
const OLD_COPY_MS = 30 * 60_000;
/** What Latchkey gave is compared every hour; all the rest as the quota allows. */
const OLD_DRIFT_MS = 2 * 3_600_000;
const OLD_PASS_MS = 7 * 24 * 3_600_000;

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
      why: whyNotDone(each.lastError, each.cannotRevokeSince, false),
      forbiddenSince: each.cannotRevokeSince,
      retryable: true,
    })),
    stuck: health.stuck.map((each) => ({ ...stuckRow(each, now), why: whyNotDone(each.lastError, null, true) })),
    failed: health.failed.map((each) => ({ ...stuckRow(each, now), why: each.failure ?? '', says: null })),
    giving: health.giving,
    budgets: budgets.filter((each) => !isFull(each)),
    fullBudgets: budgets.filter(isFull).map(({ family }) => family),
    queues: health.queues,
    copies: [...health.copies.map((each) => copyOf(each, now)), ...driftOf(health, now)],
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
    why: whyNotDone(grant.lastError, grant.cannotRevokeSince, false),
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
  Pick<StuckGrant, 'lastError' | 'nextTryAt'>;

function troubleOf(whose: Whose, now: Date, since: Date | null): Omit<TroubleRow, 'id' | 'retryable'> {
  const { assignmentId, requestId, requestNumber, person, role, lastError, nextTryAt } = whose;
  return {
    assignmentId,
    request: requestId && requestNumber !== null ? { id: requestId, number: `R-${requestNumber}` } : null,
    person,
    account: { id: whose.accountId, name: whose.accountName, ouPath: whose.ouPath },
    role,
    since,
    age: since ? lasting(now.getTime() - since.getTime()) : '',
    why: '',
    says: lastError,
    // What is due in a moment, or is being done, has no next try to wait for.
    nextTryAt: nextTryAt && nextTryAt > now ? nextTryAt : null,
    forbiddenSince: null,
  };
}

/** Calls that have a budget for each of many accounts are told by the emptiest of them. */
export function budgetsOf(levels: BudgetLevel[]): BudgetBar[] {
  const emptiest = new Map<string, BudgetBar>();
  for (const { family, tokens, idleSeconds } of levels) {
    const [name = family] = family.split('|', 1);
    const { rate, burst } = AWS_BUDGETS[name] ?? IDENTITY_STORE_BUDGET;
    const left = Math.floor(Math.min(burst, tokens + rate * idleSeconds));
    const known = emptiest.get(name);
    if (known && known.tokens <= left) continue;
    emptiest.set(name, { family: name, tokens: left, burst, rate, scarce: left < burst / 4 });
  }
  return [...emptiest.values()];
}

function copyOf({ kind, succeededAt, error }: KindAge, now: Date): HealthView['copies'][number] {
  const name = KIND_NAMES[kind];
  return ageOf(`Copy of ${name}`, succeededAt, now, OLD_COPY_MS, error);
}

function driftOf({ state: { drift } }: Health, now: Date): HealthView['copies'] {
  const { ownAt, ownError, oldestReadAt, accountsRead, accounts } = drift;
  return [
    ageOf('Comparison of what Latchkey gave', ownAt, now, OLD_DRIFT_MS, ownError),
    ageOf(`Comparison of all accounts (${accountsRead} of ${accounts} read)`, oldestReadAt, now, OLD_PASS_MS, null),
  ];
}

function ageOf(name: string, at: Date | null, now: Date, oldMs: number, error: string | null) {
  const ms = at ? now.getTime() - at.getTime() : null;
  const age = ms === null ? 'never' : ms < 60_000 ? 'just now' : `${lasting(ms)} ago`;
  return { name, at, age, error, late: error !== null || (ms !== null && ms > oldMs) };
}

function replicaOf({ host, role, startedAt, seenAt, alive }: Replica, now: Date): HealthView['replicas'][number] {
  const seen = now.getTime() - seenAt.getTime();
  return {
    host,
    role: { all: 'pages and jobs', web: 'pages', worker: 'jobs' }[role] ?? role,
    since: lasting(now.getTime() - startedAt.getTime()),
    // A beat every ten seconds: finer than that would only flicker.
    seen: alive ? 'just now' : `${lasting(seen)} ago`,
    alive,
  };
}

function measured(what: string, { count, p50, p99, worst }: Promise30): Measured {
  return { what, count: count.toLocaleString('en'), p50: took(p50), p99: took(p99), worst: took(worst) };
}
