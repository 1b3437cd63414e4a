import { expect, test } from 'vitest';
import { problemOf } from '../../src/access/aws-errors.ts';
import { type Learned, learn } from '../../src/access/learn.ts';
import { type Circumstances, plan } from '../../src/access/plan.ts';
import { backOff } from '../../src/access/problem.ts';
import { settle } from '../../src/access/settle.ts';
import { MINUTE, type OpenGrant, type Operation, plus, SECOND, type Tuple } from '../../src/access/tuple.ts';
import { emptyTuple } from './simulated-rows.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const ago = (milliseconds: number) => plus(NOW, -milliseconds);
const inTime = (milliseconds: number) => plus(NOW, milliseconds);

function grant(more: Partial<OpenGrant> = {}): OpenGrant {
  const opensAt = more.opensAt ?? ago(MINUTE);
  return {
    id: 'g',
    status: 'activating',
    opensAt,
    latestEnd: plus(opensAt, 75 * MINUTE),
    durationMinutes: 60,
    closesAt: null,
    activatedAt: null,
    endDueAt: null,
    endCause: null,
    rightsCheckedAt: null,
    endingSoonToldAt: null,
    announced: '',
    continuedBy: null,
    preexisting: false,
    ...more,
  } as OpenGrant;
}

const active = (more: Partial<OpenGrant> = {}) =>
  grant({ status: 'active', activatedAt: ago(MINUTE), closesAt: inTime(59 * MINUTE), announced: 'active', ...more });
const ending = (more: Partial<OpenGrant> = {}) =>
  active({ status: 'ending', endCause: 'time', endDueAt: ago(SECOND), closesAt: ago(SECOND), ...more });

function operation(kind: 'create' | 'delete', outcome: Operation['outcome'], age: number): Operation {
  return {
    id: `${kind}-${age}`,
    kind,
    outcome,
    intendedAt: ago(age + SECOND),
    effectiveUntil: plus(ago(age + SECOND), 15 * MINUTE),
    finishedAt: outcome === 'in_progress' || outcome === 'intended' ? null : ago(age),
    awsRequestId: 'aws',
    reason: null,
    askedAt: ago(age),
  };
}

function tuple(more: Partial<Tuple> = {}): Tuple {
  const ours = more.ownership === 'ours' ? { absentSeenAt: ago(30 * MINUTE), mustBeGoneBy: inTime(75 * MINUTE) } : {};
  return {
    ...emptyTuple('t'),
    ...ours,
    ...more,
  };
}

const checked = { rightsCheckedAt: ago(SECOND) };
const absent = { observed: 'absent', observedAt: ago(SECOND) } as const;
const present = { observed: 'present', observedAt: ago(SECOND) } as const;
const ours = { ownership: 'ours' } as const;

const STEPS: [situation: string, tuple: Tuple, step: object][] = [
  ['nothing is wanted and nothing is ours', tuple(), { kind: 'rest', until: null }],
  [
    'a window is yet to open',
    tuple({ grants: [grant({ status: 'scheduled', opensAt: inTime(MINUTE), announced: 'scheduled' })] }),
    { kind: 'rest', until: inTime(MINUTE) },
  ],
  [
    'a window opens and nobody has looked',
    tuple({ grants: [grant()] }),
    { kind: 'look', purpose: 'give', rightsOf: 'g' },
  ],
  [
    'it was last looked at before the window opened',
    tuple({ grants: [grant({ opensAt: ago(0) })], ...absent }),
    { kind: 'look', purpose: 'give' },
  ],
  ['it is absent', tuple({ grants: [grant()], ...absent }), { kind: 'check-rights', grantId: 'g', thenCreate: true }],
  ['it is absent and the rights are in order', tuple({ grants: [grant(checked)], ...absent }), { kind: 'create' }],
  [
    'the rights were checked too long ago',
    tuple({ grants: [grant({ rightsCheckedAt: ago(11 * SECOND) })], ...absent }),
    { kind: 'check-rights', grantId: 'g' },
  ],
  [
    'it stood before, and the rights are to be checked all the same',
    tuple({ grants: [grant()], ownership: 'preexisting', ...present }),
    { kind: 'check-rights', grantId: 'g', thenCreate: false },
  ],
  [
    'the last try to give failed a moment ago',
    tuple({ grants: [grant()], giveAfter: inTime(5 * SECOND) }),
    { kind: 'rest', until: inTime(5 * SECOND) },
  ],
  [
    'the create is in progress',
    tuple({ ...ours, grants: [grant(checked)], operations: [operation('create', 'in_progress', 0)] }),
    { kind: 'poll', purpose: 'give' },
  ],
  [
    'the create succeeded and nobody has looked since',
    tuple({ ...ours, grants: [grant(checked)], operations: [operation('create', 'succeeded', 0)], ...absent }),
    { kind: 'look', purpose: 'give' },
  ],
  [
    'the create succeeded and the list does not show it yet',
    tuple({ ...ours, grants: [grant(checked)], operations: [operation('create', 'succeeded', 9 * SECOND)], ...absent }),
    { kind: 'rest' },
  ],
  [
    'a delete of ours came before a new grant',
    tuple({ ...ours, grants: [grant(checked)], operations: [operation('delete', 'succeeded', 2 * SECOND)], ...absent }),
    { kind: 'create' },
  ],
  [
    'it is there and wanted',
    tuple({ ...ours, grants: [active()], operations: [operation('create', 'succeeded', MINUTE)], ...present }),
    { kind: 'rest', until: inTime(44 * MINUTE) },
  ],
  [
    'somebody removed it past us while it is wanted',
    tuple({ ...ours, grants: [active()], operations: [operation('create', 'succeeded', 2 * MINUTE)], ...absent }),
    { kind: 'rest', until: inTime(44 * MINUTE) },
  ],
  [
    'a delete of ours with unknown outcome took it while it is wanted',
    tuple({
      ...ours,
      grants: [active(checked)],
      operations: [operation('create', 'succeeded', 2 * MINUTE), operation('delete', 'unknown', 3 * MINUTE)],
      ...absent,
    }),
    { kind: 'create' },
  ],
  [
    'its time is over',
    tuple({ ...ours, grants: [ending()], operations: [operation('create', 'succeeded', 60 * MINUTE)], ...present }),
    { kind: 'delete' },
  ],
  [
    'its time is over and the last delete failed a moment ago',
    tuple({
      ...ours,
      grants: [ending()],
      takeAfter: inTime(SECOND),
      operations: [operation('delete', 'failed', 0)],
      ...present,
    }),
    { kind: 'rest', until: inTime(SECOND) },
  ],
  [
    'the time of one is over while giving to another must wait',
    tuple({
      ...ours,
      grants: [ending(), grant({ id: 'h' })],
      giveAfter: inTime(MINUTE),
      operations: [operation('create', 'succeeded', 60 * MINUTE)],
      ...present,
    }),
    { kind: 'delete' },
  ],
  [
    'it was ended before its create was confirmed',
    tuple({ ...ours, grants: [ending()], operations: [operation('create', 'succeeded', SECOND)], ...absent }),
    { kind: 'delete' },
  ],
  [
    'the delete succeeded and nobody has looked since',
    tuple({ ...ours, grants: [ending()], operations: [operation('delete', 'succeeded', 0)], ...present }),
    { kind: 'look', purpose: 'take' },
  ],
  [
    'a list that lags still shows it after the delete',
    tuple({ ...ours, grants: [ending()], operations: [operation('delete', 'succeeded', 9 * SECOND)], ...present }),
    { kind: 'rest' },
  ],
  [
    'a minute after the delete it is still listed',
    tuple({ ...ours, grants: [ending()], operations: [operation('delete', 'succeeded', 70 * SECOND)], ...present }),
    { kind: 'delete' },
  ],
  [
    'it is gone and absence is to be read again',
    tuple({
      ...ours,
      operations: [operation('delete', 'succeeded', 11 * SECOND)],
      observed: 'absent',
      observedAt: ago(11 * SECOND),
    }),
    { kind: 'look', purpose: 'watch' },
  ],
  [
    'it is gone, but a create with unknown outcome may still come',
    tuple({ ...ours, operations: [operation('create', 'unknown', 2 * MINUTE)], ...absent }),
    { kind: 'rest', until: inTime(59 * SECOND) },
  ],
];

const CALM: Circumstances = {
  outstandingCreates: 0,
  writesInAccount: 0,
  mayGive: true,
  looksTrustedFrom: null,
  polledAt: null,
  overAt: null,
  watchFailedAt: null,
  targetUnasked: false,
};

test.each(STEPS)('the next step where %s', (_situation, given, step) => {
  expect(plan(settle(given, NOW, true), NOW, CALM)).toMatchObject(step);
});

test.each([
  ['a create whose answer was lost', operation('create', 'unknown', 3 * SECOND)],
  ['a delete whose answer was lost', operation('delete', 'unknown', 3 * SECOND)],
  ['a delete of what AWS did not know', operation('delete', 'failed', 3 * SECOND)],
])('%s is not taken for gone as long as the list may lag', (_what, last) => {
  const just = tuple({ ...ours, grants: [ending()], operations: [last], ...absent });
  expect(settle(just, NOW, true).grants[0]?.status).toBe('ending');
  const later = { ...just, observedAt: inTime(10 * SECOND) };
  expect(settle(later, inTime(10 * SECOND), true).grants[0]?.status).toBe('ended');
});

test.each([
  ['giving is stopped', { mayGive: false }, 'rest'],
  ['another write is under way in the account', { writesInAccount: 1 }, 'rest'],
  ['nobody was there since the last look', { looksTrustedFrom: inTime(0) }, 'look'],
  ['nothing stands in the way', {}, 'create'],
])('where %s, a create waits for it and a delete does not', (_what, circumstances, kind) => {
  const seen = { ...absent, observedAt: ago(SECOND) };
  expect(plan(tuple({ grants: [grant(checked)], ...seen }), NOW, { ...CALM, ...circumstances })).toMatchObject({
    kind,
  });
  const over = tuple({
    ...ours,
    grants: [ending()],
    operations: [operation('create', 'succeeded', MINUTE)],
    ...present,
  });
  expect(plan(over, NOW, { ...CALM, ...circumstances })).toMatchObject({ kind: 'delete' });
});

test('with fifteen creates under way a create waits, and a delete does not', () => {
  const circumstances = { ...CALM, outstandingCreates: 15 };
  expect(plan(tuple({ grants: [grant(checked)], ...absent }), NOW, circumstances)).toMatchObject({ kind: 'rest' });
  const over = tuple({
    ...ours,
    grants: [ending()],
    operations: [operation('create', 'succeeded', MINUTE)],
    ...present,
  });
  expect(plan(over, NOW, circumstances)).toMatchObject({ kind: 'delete' });
});

test('AWS says only now how a delete of long ago ended: who has access meanwhile keeps it, and it is looked whether it is there', () => {
  const left = { ...operation('delete', 'unknown', 30 * MINUTE), awsRequestId: 'left' };
  const given = tuple({ ...ours, ...present, grants: [active(checked)], operations: [left] });
  for (const status of ['SUCCEEDED', 'FAILED', 'IN_PROGRESS', 'LOST'] as const) {
    const news: Learned = { kind: 'polled', operationId: left.id, status, reason: null };
    const after = settle(learn(given, news, NOW, 0.5), NOW, true);
    expect(after.grants[0]?.status).toBe('active');
    expect(after).toMatchObject({ failures: 0, takeAfter: null });
    if (status === 'SUCCEEDED') expect(plan(after, NOW, CALM)).toMatchObject({ kind: 'look', purpose: 'watch' });
  }
});

test('AWS says only now that a create of long ago FAILED: it says nothing about the grants of now', () => {
  const left = { ...operation('create', 'unknown', 30 * MINUTE), awsRequestId: 'left' };
  const operations = [operation('create', 'succeeded', 10 * MINUTE), left];
  const given = tuple({ ...ours, ...present, grants: [active(checked)], operations });
  const news: Learned = { kind: 'polled', operationId: left.id, status: 'FAILED', reason: 'no room' };
  expect(learn(given, news, NOW, 0.5).grants[0]?.status).toBe('active');
});

const problem = (name: string, message = 'text') => problemOf(Object.assign(new Error(message), { name }));
const ask = (kind: 'create' | 'delete') =>
  tuple({
    ...ours,
    grants: [kind === 'create' ? grant(checked) : ending()],
    operations: [operation(kind, 'intended', 0)],
  });

test.each([
  ['ThrottlingException', 'refused', 'activating'],
  ['ConflictException', 'refused', 'activating'],
  ['InternalServerException', 'unknown', 'activating'],
  ['TimeoutError', 'unknown', 'activating'],
  ['SomethingNew', 'unknown', 'activating'],
  ['ExpiredTokenException', 'refused', 'activating'],
  ['ResourceNotFoundException', 'refused', 'failed'],
  ['AccessDeniedException', 'refused', 'failed'],
  ['ValidationException', 'refused', 'failed'],
  ['ServiceQuotaExceededException', 'refused', 'failed'],
])('a create answered with %s is %s, and the grant %s', (name, outcome, status) => {
  const given = ask('create');
  const learned: Learned = { kind: 'ask-failed', operationId: 'create-0', problem: problem(name) };
  const after = learn(given, learned, NOW, 0.5);
  expect(after.operations[0]?.outcome).toBe(outcome);
  expect(after.grants[0]?.status).toBe(status);
  expect(after.giveAfter).toEqual(inTime(500));
});

test.each(['ThrottlingException', 'AccessDeniedException', 'ValidationException', 'SomethingNew'])(
  'a delete answered with %s is tried again',
  (name) => {
    const after = learn(
      ask('delete'),
      { kind: 'ask-failed', operationId: 'delete-0', problem: problem(name) },
      NOW,
      0.5,
    );
    expect(after.grants[0]?.status).toBe('ending');
    expect(after.takeAfter).toEqual(inTime(500));
    expect(after.cannotRevokeSince).toEqual(name === 'AccessDeniedException' ? NOW : null);
  },
);

test.each(['AccessDeniedException', 'ResourceNotFoundException', 'ValidationException'])(
  'a look answered with %s fails who asks and ends nothing of those who have it',
  (name) => {
    const given = tuple({ ...ours, ...present, grants: [active(checked), grant({ id: 'h' })] });
    const failed: Learned = { kind: 'look-failed', purpose: 'give', problem: problem(name) };
    const gone: Learned = { kind: 'looked', at: NOW, present: false, gone: true };
    for (const news of [failed, gone]) {
      expect(learn(given, news, NOW, 0.5).grants.map(({ status }) => status)).toEqual(['active', 'failed']);
    }
  },
);

test('a takeover that cannot be confirmed leaves what stood, and what rests on it', () => {
  const adopted = grant({ id: 'a', basis: 'adopted', status: 'failed', failure: 'no' });
  const given = tuple({ ...ours, ...present, adoptedAt: ago(SECOND), grants: [active(checked), adopted] });
  const after = settle(given, NOW, true);
  expect(after).toMatchObject({ ownership: 'preexisting', adoptedAt: null, mustBeGoneBy: null });
  expect(after.grants[0]).toMatchObject({ status: 'active', preexisting: true });
});

test.each([
  ['approval', 'activating'],
  ['adopted', 'active'],
] as const)('while giving is stopped a grant by %s stays %s', (basis, status) => {
  const given = tuple({ ...ours, ...present, grants: [grant({ basis, ...checked })], operations: [] });
  expect(settle({ ...given, adoptedAt: ago(MINUTE) }, NOW, false).grants[0]?.status).toBe(status);
});

test('a connection that never came to be had no effect', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  expect(problemOf(refused)).toMatchObject({ kind: 'away', effect: 'none', permanent: false });
});

test('pauses double up to two minutes and are spread', () => {
  expect([1, 2, 3, 4].map((failures) => backOff(failures, 0.5))).toEqual([500, 1_000, 2_000, 4_000]);
  expect(backOff(1, 0)).toBe(250);
  expect(backOff(40, 0.99)).toBe(120_000);
  expect(backOff(40, 0)).toBe(60_000);
});

test('an AWS that is only busy is asked again within ten seconds, however often it refused before', () => {
  expect(backOff(2, 0.5, 'busy')).toBe(1_000);
  expect(backOff(40, 0.99, 'busy')).toBe(10_000);
  expect(backOff(40, 0, 'conflict')).toBe(5_000);
  expect(backOff(40, 0.99, 'away')).toBe(120_000);
});
