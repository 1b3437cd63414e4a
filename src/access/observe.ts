import { Counter, Histogram, type Registry } from 'prom-client';
import type { Learned } from './learn.ts';
import { changedGrants } from './store.ts';
import { type OpenGrant, type Operation, since, type Tuple } from './tuple.ts';
import type { Action } from './turn.ts';

interface AccessMetrics {
  grantSeconds: Histogram;
  revokeLateness: Histogram;
  revokeDone: Histogram;
  steps: Counter<'kind' | 'outcome'>;
}

const BUCKETS = [0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 14_400, 86_400];
const made = new WeakMap<Registry, AccessMetrics>();

/** What this process measures of giving and taking. `docs/operations.md` says what each one means. */
export function accessMetrics(registry: Registry): AccessMetrics {
  const existing = made.get(registry);
  if (existing) return existing;
  const registers = [registry];
  const histogram = (name: string, help: string) => new Histogram({ name, help, buckets: BUCKETS, registers });
  const metrics: AccessMetrics = {
    grantSeconds: histogram('latchkey_grant_seconds', 'From the opening of a grant until AWS confirmed the access.'),
    revokeLateness: histogram(
      'latchkey_revoke_lateness_seconds',
      'From the moment an end was due until DeleteAccountAssignment was asked.',
    ),
    revokeDone: histogram(
      'latchkey_revoke_done_seconds',
      'From the moment an end was due until the access was confirmed gone.',
    ),
    steps: new Counter({
      name: 'latchkey_access_steps_total',
      help: 'Steps towards what grants want, by kind and by what came of them.',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
  };
  made.set(registry, metrics);
  return metrics;
}

/** Counts what a turn brought about. Called once it is committed, by the process that committed it, so once per event. */
export function observeTurn(registry: Registry, before: Tuple, after: Tuple): void {
  const metrics = accessMetrics(registry);
  for (const operation of after.operations) {
    if (!wasAsked(before, operation)) continue;
    for (const { endDueAt } of after.grants.filter(({ status }) => status === 'ending')) {
      // Only the first delete says how late it came; those after it say that AWS did not do it.
      if (endDueAt === null || firstDelete(after, endDueAt) !== operation) continue;
      metrics.revokeLateness.observe(seconds(endDueAt, operation.askedAt ?? operation.intendedAt));
    }
  }
  for (const [old, grant] of changedGrants(before, after)) {
    if (isGiven(old, grant)) metrics.grantSeconds.observe(seconds(grant.opensAt, grant.activatedAt ?? grant.opensAt));
    const { endDueAt, endedAt, continuedBy } = grant;
    if (endedAt === null || endDueAt === null || old.endedAt !== null || continuedBy !== null) continue;
    if (firstDelete(after, endDueAt)) metrics.revokeDone.observe(seconds(endDueAt, endedAt));
  }
}

/** What was there already, or was taken over as it stood, says nothing about how long giving takes. */
function isGiven(old: OpenGrant, grant: OpenGrant): boolean {
  const confirmed = old.status !== 'active' && grant.status === 'active';
  return confirmed && !grant.preexisting && grant.basis !== 'adopted';
}

function wasAsked(before: Tuple, operation: Operation): boolean {
  if (operation.kind !== 'delete' || operation.outcome === 'intended' || operation.outcome === 'refused') return false;
  return before.operations.some(({ id, outcome }) => id === operation.id && outcome === 'intended');
}

function firstDelete({ operations }: Tuple, dueAt: Date): Operation | undefined {
  return operations.findLast(
    ({ kind, outcome, intendedAt }) => kind === 'delete' && outcome !== 'refused' && intendedAt >= dueAt,
  );
}

/** Counts a step, and gives what came of it in one word: for the log too. */
export function observeStep(registry: Registry, action: Action, learned: Learned[]): string {
  const outcome = outcomeOf(learned);
  const kind = action.kind === 'ask' ? action.operation.kind : action.kind;
  accessMetrics(registry).steps.inc({ kind, outcome });
  return outcome;
}

function outcomeOf(learned: Learned[]): string {
  for (const each of learned) {
    switch (each.kind) {
      case 'look-failed':
      case 'ask-failed':
      case 'poll-failed':
        return each.problem.kind;
      case 'asked':
      case 'polled':
        return each.status.toLowerCase();
      case 'rights':
        if (!each.verdict.allowed) return 'not-allowed';
        break;
      case 'rights-unavailable':
        return 'rights-unavailable';
      case 'not-reserved':
        return 'no-token';
    }
  }
  return learned.length === 0 ? 'nothing' : 'done';
}

function seconds(from: Date, to: Date): number {
  return Math.max(0, since(from, to) / 1_000);
}
