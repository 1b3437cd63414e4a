import { describe, expect, test } from 'vitest';
import type { ApprovalPolicy } from '../../src/policy/index.ts';
import { approversIn, compile, fulfilment, isApprover, mayDecide, requirement } from '../../src/policy/index.ts';
import { approval, DEV, IN_WORKLOADS, NOW } from './samples.ts';

const required = (...policies: ApprovalPolicy[]) =>
  requirement(compile({ eligibility: [], approval: policies }), DEV, IN_WORKLOADS, NOW).steps;
const step = (needed: number, ...approvers: string[]) => ({ approvers, approvalsNeeded: needed });

describe('who must say yes', () => {
  const broad = approval({ id: 'a', steps: [step(1, 'GROUP:leads')] });

  test('broad policies unite their approvers, and the needed number is the highest', () => {
    const other = approval({ id: 'b', targets: ['ACCOUNT:a-work'], steps: [step(2, 'GROUP:ops')] });
    expect(required(broad, other)).toEqual([step(2, 'GROUP:leads', 'GROUP:ops')]);
  });

  test.each([
    ['a permission set', { permissionSets: ['power'] }],
    ['a requester group', { requesterGroups: ['devs'] }],
  ])('a policy narrowed to %s replaces the broader approvers but keeps their number', (_, narrowing) => {
    const strict = approval({ id: 'a', steps: [step(2, 'GROUP:leads')] });
    const narrowed = approval({ id: 'b', ...narrowing, steps: [step(1, 'GROUP:ops')] });
    expect(required(strict, narrowed)).toEqual([step(2, 'GROUP:ops')]);
  });

  test('a narrowed policy for other roles or other people changes nothing', () => {
    const role = approval({ id: 'b', permissionSets: ['admin'], steps: [step(3, 'GROUP:ops')] });
    const people = approval({ id: 'c', requesterGroups: ['ops'], steps: [step(3, 'GROUP:ops')] });
    expect(required(broad, role, people)).toEqual([step(1, 'GROUP:leads')]);
  });

  test('a policy whose only group or role is gone goes on taking nobody, and not everybody', () => {
    for (const gone of [{ requesterGroups: ['gone'] }, { permissionSets: ['gone'] }]) {
      const left = approval({ id: 'b', ...gone, steps: [step(1, 'GROUP:ops')] });
      expect(required(left)).toEqual([]);
      expect(required(broad, left)).toEqual([step(1, 'GROUP:leads')]);
    }
  });

  test('broader approvers may decide too where the narrowed policy says so, and every narrowed policy must', () => {
    const open = approval({
      id: 'b',
      permissionSets: ['power'],
      broaderMayDecide: true,
      steps: [step(1, 'GROUP:ops')],
    });
    const closed = approval({ id: 'c', requesterGroups: ['devs'], steps: [step(1, 'USER:cleo')] });
    expect(required(broad, open)).toEqual([step(1, 'GROUP:leads', 'GROUP:ops')]);
    expect(required(broad, open, closed)).toEqual([step(1, 'GROUP:ops', 'USER:cleo')]);
  });

  test('a step that only a replaced policy has stays, with the approvers of the narrowed one', () => {
    const twoSteps = approval({ id: 'a', steps: [step(1, 'GROUP:leads'), step(2, 'USER:ben')] });
    const narrowed = approval({ id: 'b', permissionSets: ['power'], steps: [step(1, 'GROUP:ops')] });
    expect(required(twoSteps, narrowed)).toEqual([step(1, 'GROUP:ops'), step(2, 'GROUP:ops')]);
  });

  test('an approver is one by themselves or by a group', () => {
    expect(mayDecide(['GROUP:leads'], { userId: 'ben', groupIds: ['leads'] })).toBe(true);
    expect(mayDecide(['USER:ben'], { userId: 'ben', groupIds: [] })).toBe(true);
    expect(mayDecide(['USER:leads', 'GROUP:ben'], { userId: 'ben', groupIds: ['leads'] })).toBe(false);
    const policies = compile({ eligibility: [], approval: [broad] });
    expect(isApprover(policies, { userId: 'ben', groupIds: ['leads'] })).toBe(true);
    expect(isApprover(policies, DEV)).toBe(false);
  });
});

describe('whether the steps can be fulfilled', () => {
  test('a person in two groups of a step is one person', () => {
    const members = new Map([
      ['leads', ['ben', 'cleo']],
      ['ops', ['ben']],
    ]);
    expect(approversIn(step(1, 'GROUP:leads', 'GROUP:ops', 'USER:cleo', 'GROUP:gone'), members)).toEqual([
      'ben',
      'cleo',
    ]);
  });

  test('nobody counts in two steps', () => {
    const steps = [step(1, 'GROUP:leads'), step(1, 'GROUP:leads')];
    expect(fulfilment(steps, [['ben'], ['ben']], 'ana')).toEqual({ possible: false, step: 1, needed: 1, found: 0 });
    expect(fulfilment(steps, [['ben', 'cleo'], ['ben']], 'ana')).toEqual({ possible: true });
    expect(fulfilment(steps, [['ben'], ['ben', 'ana']], 'ana')).toMatchObject({ possible: false });
  });
});
