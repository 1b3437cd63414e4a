import { expect, test } from 'vitest';
import { AWS_BUDGETS, budgetFamily, IDENTITY_STORE_BUDGET } from '../../src/platform/aws-quotas.ts';

test('calls for which AWS publishes one limit share one budget, all others have their own', () => {
  expect(budgetFamily('organizations:ListAccountsForParent')).toBe('organizations:parents');
  expect(budgetFamily('organizations:ListOrganizationalUnitsForParent')).toBe('organizations:parents');
  expect(budgetFamily('organizations:ListAccounts')).toBe('organizations:ListAccounts');
  expect(budgetFamily('sso:ListPermissionSets')).toBe(budgetFamily('sso:DescribePermissionSet'));
  expect(budgetFamily('identitystore:ListUsers')).toBe('identitystore:ListUsers');
});

// IAM Identity Center User Guide and AWS Organizations User Guide, "Quotas": calls a second, burst.
test.each([
  ['sso:CreateAccountAssignment', 20, 20],
  ['organizations:ListAccounts', 8, 12],
  ['organizations:ListParents', 5, 8],
  ['organizations:ListRoots', 1, 2],
  ['organizations:DescribeAccount', 20, 30],
  ['organizations:DescribeOrganization', 1, 2],
  ['identitystore:ListGroupMemberships', 20, 20],
])('the budget of %s is just below the published limit', (operation, perSecond, burst) => {
  const rule = AWS_BUDGETS[budgetFamily(operation)] ?? IDENTITY_STORE_BUDGET;
  expect(rule.rate).toBeLessThan(perSecond);
  expect(rule.rate).toBeGreaterThanOrEqual(0.95 * perSecond);
  expect(rule.burst).toBeLessThanOrEqual(burst);
});
