import type { BudgetRule } from './budget.ts';

/**
 * The budgets of the AWS APIs that Latchkey calls, below the published limits, because the rest of the organization
 * calls them too.
 *
 * Sources: IAM Identity Center User Guide, "Quotas" (20 calls a second for all SSO Admin calls together; 20 a second
 * for each Identity Store call); AWS Organizations User Guide, "Quotas" (per call, sustained and burst);
 * AWS CloudTrail User Guide, "Viewing recent management events" (two a second, per account and Region).
 */
export const AWS_BUDGETS: Record<string, BudgetRule> = {
  'sso-admin': { rate: 19, burst: 19 },
  'organizations:ListAccounts': { rate: 7, burst: 10 },
  'organizations:ListRoots': { rate: 0.9, burst: 2 },
  'organizations:DescribeOrganization': { rate: 0.9, burst: 2 },
  'organizations:ListOrganizationalUnitsForParent': { rate: 2.2, burst: 4 },
  'organizations:ListAccountsForParent': { rate: 2.2, burst: 4 },
  'cloudtrail:LookupEvents': { rate: 1.8, burst: 2 },
};

/** Identity Store: for each call of its own. */
export const IDENTITY_STORE_BUDGET: BudgetRule = { rate: 18, burst: 18 };
