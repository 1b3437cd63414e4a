import type { SandboxPermissionSet } from '../../organization.ts';
import { invalid, notFound } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import { type PageRequest, pageOf } from '../pages.ts';

/** Refuses an instance that is not this organization's. */
export function checkInstance(arn: string, { services }: CallContext): void {
  if (arn !== services.organization.instanceArn) throw notFound(`Instance not found: ${arn}`);
}

/** The permission set of this ARN, if it exists. */
export function findPermissionSet(arn: string, { services }: CallContext): SandboxPermissionSet {
  const found = services.organization.permissionSets.find((permissionSet) => permissionSet.arn === arn);
  if (!found) throw notFound(`Could not find PermissionSet with id ${arn.slice(arn.lastIndexOf('/') + 1)}`);
  return found;
}

/** Refuses an account that is not in the organization. */
export function checkAccount(accountId: string, { services }: CallContext): void {
  if (services.organization.accounts.some(({ id }) => id === accountId)) return;
  throw notFound(`Account ${accountId} not found in the organization.`);
}

/** A page of an SSO Admin list. */
export function ssoPage<Item>(operation: string, items: readonly Item[], request: PageRequest) {
  const { NextToken: _token, MaxResults: _size, ...query } = request;
  return pageOf(items, request, {
    query: [operation, query],
    defaultSize: 100,
    badToken: () => invalid('Invalid pagination token'),
  });
}
