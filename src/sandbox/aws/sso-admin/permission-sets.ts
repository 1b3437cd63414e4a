import { z } from 'zod';
import { operation } from '../operation.ts';
import * as field from '../patterns.ts';
import { checkAccount, checkInstance, findPermissionSet, ssoPage } from './instance.ts';

const page = { MaxResults: field.maxResults(100), NextToken: field.ssoNextToken };
const provisioningStatus = z
  .enum(['LATEST_PERMISSION_SET_PROVISIONED', 'LATEST_PERMISSION_SET_NOT_PROVISIONED'])
  .optional();

// When the demo's Identity Center was set up: nothing depends on it, but it must stay the same.
const CREATED = Date.UTC(2024, 0, 15) / 1000;

/** What SSO Admin tells about the instance and its permission sets. */
export const permissionSetOperations = {
  ListInstances: operation(z.object(page), (input, { services: { organization } }) => {
    const { instanceArn, identityStoreId, managementAccountId, region } = organization;
    const instance = {
      InstanceArn: instanceArn,
      IdentityStoreId: identityStoreId,
      OwnerAccountId: managementAccountId,
      CreatedDate: CREATED,
      Status: 'ACTIVE',
      PrimaryRegion: region,
      Regions: [{ RegionName: region, Status: 'ACTIVE', AddedDate: CREATED, IsPrimaryRegion: true }],
    };
    const { page: Instances, NextToken } = ssoPage('ListInstances', [instance], input);
    return { Instances, NextToken };
  }),

  ListPermissionSets: operation(z.object({ InstanceArn: field.instanceArn, ...page }), (input, context) => {
    checkInstance(input.InstanceArn, context);
    const arns = context.services.organization.permissionSets.map(({ arn }) => arn);
    const { page: PermissionSets, NextToken } = ssoPage('ListPermissionSets', arns, input);
    return { PermissionSets, NextToken };
  }),

  DescribePermissionSet: operation(
    z.object({ InstanceArn: field.instanceArn, PermissionSetArn: field.permissionSetArn }),
    (input, context) => {
      checkInstance(input.InstanceArn, context);
      const { arn, name, description, sessionDuration } = findPermissionSet(input.PermissionSetArn, context);
      return {
        PermissionSet: {
          Name: name,
          PermissionSetArn: arn,
          // AWS leaves a description out that is not set; it may not be empty.
          Description: description === '' ? undefined : description,
          CreatedDate: CREATED,
          SessionDuration: sessionDuration,
        },
      };
    },
  ),

  ListPermissionSetsProvisionedToAccount: operation(
    z.object({
      InstanceArn: field.instanceArn,
      AccountId: field.accountId,
      ProvisioningStatus: provisioningStatus,
      ...page,
    }),
    (input, context) => {
      checkInstance(input.InstanceArn, context);
      checkAccount(input.AccountId, context);
      const provisioned = context.services.assignments.permissionSetsIn(input.AccountId);
      // Nobody changes permission sets in the sandbox, so whatever is provisioned is the latest.
      const fitting = input.ProvisioningStatus === 'LATEST_PERMISSION_SET_NOT_PROVISIONED' ? [] : provisioned;
      const { page: PermissionSets, NextToken } = ssoPage('ListPermissionSetsProvisionedToAccount', fitting, input);
      return { PermissionSets, NextToken };
    },
  ),

  ListAccountsForProvisionedPermissionSet: operation(
    z.object({
      InstanceArn: field.instanceArn,
      PermissionSetArn: field.permissionSetArn,
      ProvisioningStatus: provisioningStatus,
      ...page,
    }),
    (input, context) => {
      checkInstance(input.InstanceArn, context);
      findPermissionSet(input.PermissionSetArn, context);
      const accounts = context.services.assignments.accountsWith(input.PermissionSetArn);
      const fitting = input.ProvisioningStatus === 'LATEST_PERMISSION_SET_NOT_PROVISIONED' ? [] : accounts;
      const { page: AccountIds, NextToken } = ssoPage('ListAccountsForProvisionedPermissionSet', fitting, input);
      return { AccountIds, NextToken };
    },
  ),
};
