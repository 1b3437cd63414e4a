import type { Replica } from '../access/index.ts';
import { KIND_NAMES, type KindAge } from '../directory/index.ts';
import { AWS_BUDGETS, IDENTITY_STORE_BUDGET } from '../platform/aws-quotas.ts';
import type { BudgetLevel, PortalState, QueueDepth } from './state-queries.ts';
import { lasting } from './words.ts';

export interface BudgetBar {
  family: string;
  /** What the calls are for. */
  name: string;
  /** Calls that could be made at once. */
  tokens: number;
  burst: number;
  rate: number;
  scarce: boolean;
}

/** How old a copy or a comparison is. */
export interface AgeView {
  name: string;
  age: string;
  at: Date | null;
  error: string | null;
  late: boolean;
}

export interface ReplicaView {
  host: string;
  role: string;
  since: string;
  seen: string;
  alive: boolean;
}

/** Copies are renewed every ten minutes; older than this, something is wrong. */
const OLD_COPY_MS = 30 * 60_000;
/** What Latchkey gave is compared every hour; all the rest as the quota allows. */
const OLD_DRIFT_MS = 2 * 3_600_000;
const OLD_PASS_MS = 7 * 24 * 3_600_000;

/** Calls that have a budget for each of many accounts are told by the emptiest of them. */
export function budgetsOf(levels: BudgetLevel[]): BudgetBar[] {
  const emptiest = new Map<string, BudgetBar>();
  for (const { family, tokens, idleSeconds } of levels) {
    const [name = family] = family.split('|', 1);
    const { rate, burst } = AWS_BUDGETS[name] ?? IDENTITY_STORE_BUDGET;
    const left = Math.floor(Math.min(burst, tokens + rate * idleSeconds));
    const known = emptiest.get(name);
    if (known && known.tokens <= left) continue;
    emptiest.set(name, { family: name, name: nameOf(name), tokens: left, burst, rate, scarce: left < burst / 4 });
  }
  // What gives and takes comes first.
  return [...emptiest.values()].toSorted(
    (one, other) => Number(other.family === 'sso-admin') - Number(one.family === 'sso-admin'),
  );
}

const FAMILY_NAMES: Record<string, string> = {
  'sso-admin': 'Giving, taking away and reading access',
  'sso-admin:drift': 'Comparing everything with AWS',
  'organizations:parents': 'Reading organizational units',
  'cloudtrail:LookupEvents': 'Reading what people did',
};
const SERVICE_NAMES: Record<string, string> = {
  identitystore: 'Users and groups',
  organizations: 'Organization',
  cloudtrail: 'CloudTrail',
};

/** 'Users and groups: list group memberships'. */
function nameOf(family: string): string {
  const [service = '', operation = ''] = family.split(':');
  const words = operation.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return FAMILY_NAMES[family] ?? `${SERVICE_NAMES[service] ?? service}: ${words}`;
}

/** What waits in the queues, in words. */
export function queuesOf(queues: QueueDepth[]): {
  busyQueues: { name: string; words: string }[];
  emptyQueues: string[];
} {
  const all = queues.map(({ name, ready, deferred, active, failed }) => ({
    name,
    words: [
      [ready, 'ready'] as const,
      [deferred, 'for later'] as const,
      [active, 'at work'] as const,
      [failed, 'failed in the last day'] as const,
    ]
      .filter(([count]) => count > 0)
      .map(([count, word]) => `${count.toLocaleString('en')} ${word}`)
      .join(', '),
  }));
  return {
    busyQueues: all.filter(({ words }) => words !== ''),
    emptyQueues: all.filter(({ words }) => words === '').map(({ name }) => name),
  };
}

export function copyOf({ kind, succeededAt, error }: KindAge, now: Date): AgeView {
  const name = KIND_NAMES[kind];
  return ageOf(`Copy of ${name}`, succeededAt, now, OLD_COPY_MS, error);
}

export function driftOf({ drift }: PortalState, now: Date): AgeView[] {
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

export function replicaOf({ host, role, startedAt, seenAt, alive }: Replica, now: Date): ReplicaView {
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
