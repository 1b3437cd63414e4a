import type { Attention } from '../access/index.ts';
import { budgetsOf } from './parts.ts';
import type { PortalState, QueueDepth } from './state-queries.ts';

/** What the database says at a scrape. */
export interface Figures {
  attention: Attention;
  grants: Record<string, number>;
  state: PortalState;
  queues: QueueDepth[] | null;
  copies: { kind: string; ageSeconds: number }[];
  replicas: number;
  givingStopped: boolean;
}

type Sample = [labels: Record<string, string>, value: number];

interface Definition {
  name: string;
  help: string;
  labels?: string[];
  samples(figures: Figures): Sample[];
}

const one = (value: number): Sample[] => [[{}, value]];
const age = (from: Date | null, now: Date, labels: Sample[0] = {}): Sample[] =>
  from ? [[labels, (now.getTime() - from.getTime()) / 1_000]] : [];

/** Everything that is asked of the database at a scrape. `docs/operations.md` says what each one means. */
export const GAUGES: Definition[] = [
  {
    name: 'latchkey_overdue_revokes',
    help: 'Grants whose access should be gone for more than a minute and is not.',
    samples: ({ attention }) => one(attention.overdue),
  },
  {
    name: 'latchkey_oldest_overdue_seconds',
    help: 'How long the longest of them is overdue; 0 where none is.',
    samples: ({ attention: { oldestDueAt, now } }) => (oldestDueAt ? age(oldestDueAt, now) : one(0)),
  },
  {
    name: 'latchkey_cannot_revoke',
    help: 'Assignments that AWS forbids Latchkey to take away.',
    samples: ({ attention }) => one(attention.cannotRevoke),
  },
  {
    name: 'latchkey_left_behind',
    help: 'Assignments of Latchkey that no grant wants and that AWS did not let go when it was asked.',
    samples: ({ attention }) => one(attention.leftBehind),
  },
  {
    name: 'latchkey_stuck_grants',
    help: 'Grants that wait to be given for more than two minutes.',
    samples: ({ attention }) => one(attention.stuck),
  },
  {
    name: 'latchkey_grants',
    help: 'Grants that are not over, by status.',
    labels: ['status'],
    samples: ({ grants }) =>
      ['scheduled', 'activating', 'active', 'ending'].map((status) => [{ status }, grants[status] ?? 0]),
  },
  {
    name: 'latchkey_queue_up',
    help: '1 where the tables of the job queue are there.',
    samples: ({ queues }) => one(queues === null ? 0 : 1),
  },
  {
    name: 'latchkey_queue_jobs',
    help: 'Jobs by queue and state: ready, deferred, active, failed (of the last day).',
    labels: ['queue', 'state'],
    samples: ({ queues }) =>
      (queues ?? []).flatMap(({ name: queue, ready, deferred, active, failed }) =>
        Object.entries({ ready, deferred, active, failed }).map(([state, value]): Sample => [{ queue, state }, value]),
      ),
  },
  {
    name: 'latchkey_budget_tokens',
    help: 'Calls that could be made at once, by family of AWS calls.',
    labels: ['family'],
    samples: ({ state }) => budgetsOf(state.budgets).map(({ family, tokens }) => [{ family }, tokens]),
  },
  {
    name: 'latchkey_directory_age_seconds',
    help: 'Age of the copy of the directory, by kind; missing where it was never copied.',
    labels: ['kind'],
    samples: ({ copies }) => copies.map(({ kind, ageSeconds }) => [{ kind }, ageSeconds]),
  },
  {
    name: 'latchkey_drift_age_seconds',
    help: 'Since the last comparison with AWS: of what Latchkey gave (own), and of the account read longest ago (all).',
    labels: ['scope'],
    samples: ({ state: { drift, now } }) => [
      ...age(drift.ownAt, now, { scope: 'own' }),
      ...age(drift.oldestReadAt, now, { scope: 'all' }),
    ],
  },
  {
    name: 'latchkey_drift_findings',
    help: 'Differences from AWS that no administrator has decided on.',
    samples: ({ state }) => one(state.drift.openFindings),
  },
  {
    name: 'latchkey_replicas_alive',
    help: 'Processes that were seen within 30 seconds.',
    samples: ({ replicas }) => one(replicas),
  },
  {
    name: 'latchkey_outbox_waiting',
    help: 'Mail that waits to be sent.',
    samples: ({ state }) => one(state.mail.waiting),
  },
  {
    name: 'latchkey_outbox_failed',
    help: 'Mail of the last seven days that was given up.',
    samples: ({ state }) => one(state.mail.failed),
  },
  {
    name: 'latchkey_giving_stopped',
    help: '1 while no access is given, because an administrator stopped it or a restored backup was not looked at.',
    samples: ({ givingStopped }) => one(givingStopped ? 1 : 0),
  },
];
