import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Content, differences, statements } from '../../src/policy/change/difference.ts';
import type { EligibilityPolicy, PolicyContent } from '../../src/policy/index.ts';
import { type Named, Names } from '../../src/policy/names.ts';
import { PLAIN } from '../support/policies.ts';
import { approvalPolicies, eligibilityPolicies, guardrails } from './samples.ts';

const READ = 'arn:aws:sso:::permissionSet/ssoins-1/ps-read';
const POWER = 'arn:aws:sso:::permissionSet/ssoins-1/ps-power';
const named = (ref: string, kind: Named['kind'], name: string): Named => ({ ref, kind, name, detail: '', known: true });
const names = new Names([
  named('GROUP:devs', 'group', 'Developers'),
  named('GROUP:devs2', 'group', 'Developers'),
  named('GROUP:leads', 'group', 'Platform Leads'),
  named('OU:ou-work', 'OU', 'Workloads'),
  named(READ, 'role', 'ReadOnly'),
  named(POWER, 'role', 'PowerUser'),
]);

const policy: PolicyContent<EligibilityPolicy> = {
  name: 'Developers',
  principals: ['GROUP:devs'],
  targets: ['OU:ou-work'],
  includeNestedOus: false,
  permissionSets: [READ],
  maxDurationMinutes: 120,
  approvalRequired: true,
  ticketRequired: false,
  note: '',
  ...PLAIN,
};
const eligibility = (changes: Partial<PolicyContent<EligibilityPolicy>> = {}): Content => ({
  kind: 'eligibility',
  policy: { ...policy, ...changes },
});
const approval = (steps: { approvers: string[]; approvalsNeeded: number }[]): Content => ({
  kind: 'approval',
  policy: {
    name: 'Leads decide',
    targets: ['OU:ou-work'],
    includeNestedOus: true,
    permissionSets: [],
    requesterGroups: [],
    broaderMayDecide: false,
    note: '',
    ...PLAIN,
    steps,
  },
});

describe('what differs between two versions of a policy', () => {
  test('is told in names: roles that came and went, and the longest time before and now', () => {
    const now = eligibility({ permissionSets: [POWER], maxDurationMinutes: 240 });
    expect(differences(eligibility(), now, names)).toEqual([
      { label: 'Roles', added: ['PowerUser'], removed: ['ReadOnly'] },
      { label: 'Longest', from: '2 h', to: '4 h' },
    ]);
  });

  test('is nothing where they say the same', () => {
    expect(differences(eligibility(), eligibility(), names)).toEqual([]);
  });

  test('tells dates as instants, and being switched off', () => {
    const startsAt = new Date('2026-12-01T08:00:00Z');
    expect(differences(eligibility(), eligibility({ startsAt, enabled: false }), names)).toEqual([
      { label: 'Enabled', from: 'yes', to: 'no' },
      { label: 'Holds from', from: 'at once', to: startsAt },
    ]);
  });

  test('tells exclusions that came, one that is gone from the directory by its ID', () => {
    const now = eligibility({ exclusions: ['ACCOUNT:999999999999'] });
    expect(differences(eligibility(), now, names)).toEqual([{ label: 'Except', added: ['999999999999'], removed: [] }]);
  });

  test('tells groups of the same name apart by their IDs', () => {
    expect(differences(eligibility(), eligibility({ principals: ['GROUP:devs2'] }), names)).toEqual([
      { label: 'Who', added: ['Developers (devs2)'], removed: ['Developers (devs)'] },
    ]);
  });

  test('tells what became of each step, also of one that is new or gone', () => {
    const one = approval([{ approvers: ['GROUP:leads'], approvalsNeeded: 1 }]);
    const two = approval([
      { approvers: ['GROUP:leads'], approvalsNeeded: 2 },
      { approvers: ['GROUP:devs'], approvalsNeeded: 1 },
    ]);
    expect(differences(one, two, names)).toEqual([
      { label: 'Step 1: approvals needed', from: '1', to: '2' },
      { label: 'Step 2: who approves', added: ['Developers'], removed: [] },
      { label: 'Step 2: approvals needed', from: '', to: '1' },
    ]);
    expect(differences(two, one, names)).toEqual([
      { label: 'Step 1: approvals needed', from: '2', to: '1' },
      { label: 'Step 2: who approves', added: [], removed: ['Developers'] },
      { label: 'Step 2: approvals needed', from: '1', to: '' },
    ]);
  });

  test('says nothing of the ticket, which belongs to the change', () => {
    expect(differences(eligibility({ ticket: 'CHG-1' }), eligibility(), names)).toEqual([]);
    expect(statements(eligibility({ ticket: 'CHG-1' }), names).map(({ label }) => label)).not.toContain('Ticket');
  });

  test('tells that a guardrail holds for other roles, and for all where none is named', () => {
    const about = { kind: 'guardrail', policy: { name: 'Admin', note: '', ticket: '', targets: [] } } as const;
    const limits = { neverSelfServed: true, maxDurationMinutes: null };
    const some: Content = { ...about, policy: { ...about.policy, ...limits, permissionSets: [POWER], targets: [] } };
    const all: Content = { ...about, policy: { ...about.policy, ...limits, permissionSets: [], targets: [] } };
    expect(differences(some, all, names)).toEqual([{ label: 'Roles', added: ['All'], removed: ['PowerUser'] }]);
    expect(statements(all, names)).toContainEqual({ label: 'Where', values: ['Everywhere'] });
  });
});

const contents: fc.Arbitrary<Content> = fc.oneof(
  eligibilityPolicies.map((each): Content => ({ kind: 'eligibility', policy: each })),
  approvalPolicies.map((each): Content => ({ kind: 'approval', policy: each })),
  guardrails.map((each): Content => ({ kind: 'guardrail', policy: each })),
);

describe('for any two policies', () => {
  test('the difference can be told, and tells nothing exactly where both say the same', () => {
    fc.assert(
      fc.property(contents, contents, (before, after) => {
        const told = differences(before, after, names);
        const same = JSON.stringify(statements(before, names)) === JSON.stringify(statements(after, names));
        expect(told.length === 0).toBe(same && before.kind === after.kind);
      }),
    );
  });

  test('a policy does not differ from itself, and all that a new one says is told', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(differences(content, content, names)).toEqual([]);
        expect(statements(content, names).length).toBeGreaterThan(4);
      }),
    );
  });
});
