import { permissionSetArnOf } from '../identifiers.ts';
import type { SandboxPermissionSet } from '../organization.ts';

export const INSTANCE_ARN = 'arn:aws:sso:::instance/ssoins-6987e4c2a15b3d08';

/** Name, session duration, description. */
const PLAN: [name: string, sessionDuration: string, description: string][] = [
  ['ReadOnly', 'PT8H', 'Look at everything, change nothing'],
  ['PowerUser', 'PT4H', 'Work with all services, but not with users, roles and the account itself'],
  ['AdministratorAccess', 'PT1H', 'Everything, including users and roles'],
  ['DatabaseAdmin', 'PT2H', 'Administer RDS, Aurora, DynamoDB and their backups'],
  ['NetworkAdmin', 'PT2H', 'VPCs, transit gateways, Route 53 and firewalls'],
  ['SecurityAudit', 'PT8H', 'Read security configuration and findings'],
  ['Billing', 'PT4H', 'Costs, invoices and budgets'],
  ['SupportUser', 'PT4H', 'Open and follow support cases'],
  ['DataScientist', 'PT8H', 'SageMaker, Athena, Glue and the data lake'],
  ['DeployOperator', 'PT1H', 'Start and roll back deployments'],
  ['LogsReader', 'PT12H', 'Read CloudWatch logs and metrics'],
  ['KeyAdmin', 'PT1H', 'Administer KMS keys and secrets'],
  ['OrganizationAdmin', 'PT1H', 'Organizations and Identity Center, in the management account only'],
];

/** The demo company's permission sets: name → ARN. */
export const DEMO_PERMISSION_SETS: Record<string, string> = Object.fromEntries(
  PLAN.map(([name]) => [name, permissionSetArnOf(INSTANCE_ARN, name)]),
);

/** A fresh copy of the permission sets. */
export function demoPermissionSets(): SandboxPermissionSet[] {
  return PLAN.map(([name, sessionDuration, description]) => ({
    arn: permissionSetArnOf(INSTANCE_ARN, name),
    name,
    description,
    sessionDuration,
  }));
}
