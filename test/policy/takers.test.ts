import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile, evaluate, requirement } from '../../src/policy/index.ts';
import { kindsOfRequest, takingPolicies } from '../../src/policy/takers.ts';
import { approval, asks, IN_WORKLOADS, LIMITS, NOW, policySets, subjects } from './samples.ts';

const RUNS = { numRuns: 2_000 };

test('who is named by a taking policy is just who may ask', () => {
  fc.assert(
    fc.property(policySets, subjects, asks, (policies, subject, ask) => {
      const compiled = compile(policies);
      const taking = takingPolicies(compiled, { place: ask, permissionSetArn: ask.permissionSetArn }, NOW);
      const own = [`USER:${subject.userId}`, ...subject.groupIds.map((id) => `GROUP:${id}`)];
      const named = taking.some(({ policy }) => policy.principals.some((ref) => own.includes(ref)));
      expect(named).toBe(evaluate(compiled, subject, ask, LIMITS, NOW).code !== 'not-eligible');
    }),
    RUNS,
  );
});

test('the kinds of request say for each role and requester group who decides', () => {
  fc.assert(
    fc.property(
      policySets,
      asks,
      fc.constantFrom(null, 'leads', 'devs', 'ops'),
      fc.boolean(),
      (policies, ask, group, oneRole) => {
        const compiled = compile(policies);
        const kinds = kindsOfRequest(compiled, ask, oneRole ? ask.permissionSetArn : null, NOW);
        // As a reader finds the line that is about them: their role's lines if there are any, then their group's.
        const ofRole = kinds.filter((each) => each.permissionSetArn === ask.permissionSetArn);
        const mine = ofRole.length > 0 ? ofRole : kinds.filter((each) => each.permissionSetArn === null);
        const kind =
          mine.find((each) => each.requesterGroup === group) ?? mine.find((each) => each.requesterGroup === null);
        const groupIds = group === null ? [] : [group];
        expect(kind?.requirement.steps).toEqual(requirement(compiled, { userId: 'nobody', groupIds }, ask, NOW).steps);
      },
    ),
    RUNS,
  );
});

test('what holds for everybody alike is one kind', () => {
  const policies = compile({ eligibility: [], approval: [approval()] });
  expect(kindsOfRequest(policies, IN_WORKLOADS, null, NOW)).toMatchObject([
    { permissionSetArn: null, requesterGroup: null },
  ]);
});
