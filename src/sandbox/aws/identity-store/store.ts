import type { Organization } from '../../organization.ts';
import { invalid, notFound } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import { type PageRequest, pageOf } from '../pages.ts';

/** The organization, if the identity store named is its own. */
export function checkStore(identityStoreId: string, { services }: CallContext): Organization {
  if (identityStoreId !== services.organization.identityStoreId) missing('IDENTITY_STORE', identityStoreId);
  return services.organization;
}

/** The identity store's way to say that something does not exist. */
export function missing(kind: 'USER' | 'GROUP' | 'IDENTITY_STORE', id: string): never {
  throw notFound(`${kind} not found.`, { ResourceType: kind, ResourceId: id });
}

/** A page of an Identity Store list. */
export function identityStorePage<Item>(operation: string, items: readonly Item[], request: PageRequest) {
  const { NextToken: _token, MaxResults: _size, ...query } = request;
  return pageOf(items, request, {
    query: [operation, query],
    defaultSize: 100,
    badToken: () => invalid('Invalid NextToken'),
  });
}
