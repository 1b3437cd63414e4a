import type { BudgetRule } from './budget.ts';

/**
 * The budgets of the AWS APIs that Latchkey calls: 95 % of the published limits, because the rest of the organization
 * calls them too, and because AWS does not count from the same moment as we do.
 *
 * Sources: IAM Identity Center User Guide, "Quotas" (20 calls a second for all SSO Admin calls together; 20 a second
 * for each Identity Store call); AWS Organizations User Guide, "Quotas" (per call and calling account, sustained and
 * burst); AWS CloudTrail User Guide, "Viewing recent management events" (two a second, per account and Region).
 */
export const AWS_BUDGETS: Record<string, BudgetRule> = {
  // A burst below the limit's: calls that are held up on their way for a quarter of a second arrive all at once.
  'sso-admin': { rate: 19, burst: 15 },
  'organizations:ListAccounts': { rate: 7.6, burst: 11 },
  'organizations:ListRoots': { rate: 0.95, burst: 2 },
  'organizations:DescribeAccount': { rate: 19, burst: 28 },
  'organizations:DescribeOrganization': { rate: 0.95, burst: 2 },
  'organizations:parents': { rate: 4.75, burst: 7 },
  'cloudtrail:LookupEvents': { rate: 1.8, burst: 2 },
};

/** Identity Store: for each call of its own. */
export const IDENTITY_STORE_BUDGET: BudgetRule = { rate: 19, burst: 19 };

/** Organizations calls for which AWS publishes one limit for all of them together. */
const ONE_LIMIT = new Set([
  'organizations:ListParents',
  'organizations:ListAccountsForParent',
  'organizations:ListOrganizationalUnitsForParent',
]);

/** The family whose budget a call draws on; `operation` as IAM names it: 'identitystore:ListUsers'. */
export function budgetFamily(operation: string): string {
  if (operation.startsWith('sso:')) return 'sso-admin';
  return ONE_LIMIT.has(operation) ? 'organizations:parents' : operation;
}
