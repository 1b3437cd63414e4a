import { z } from 'zod';
import type { Organization, SandboxGroup, SandboxUser } from '../../organization.ts';
import { type CallContext, operation } from '../operation.ts';
import * as field from '../patterns.ts';
import { Finder } from './finder.ts';
import { checkStore, identityStorePage, missing } from './store.ts';

const store = { IdentityStoreId: field.identityStoreId };
const page = { MaxResults: field.maxResults(100), NextToken: field.identityStoreNextToken };
const filters = z
  .array(z.object({ AttributePath: z.string(), AttributeValue: z.string() }))
  .max(1)
  .optional();

/** The values by which a user or a group can be looked up. */
function alternateIdentifier<Path extends string>(paths: [Path, ...Path[]]) {
  const allowed = `The attribute path must be one of: ${paths.join(', ')}`;
  const UniqueAttribute = z.object({ AttributePath: z.enum(paths, allowed), AttributeValue: z.string().min(1) });
  return z.object({ ...store, AlternateIdentifier: z.object({ UniqueAttribute }) });
}

// Names are matched without regard to case, as they are unique without regard to case.
const usersById = new Finder<SandboxUser>(({ id }) => id);
const usersByName = new Finder<SandboxUser>(({ userName }) => userName.toLowerCase());
const usersByEmail = new Finder<SandboxUser>(({ email }) => email.toLowerCase());
const groupsById = new Finder<SandboxGroup>(({ id }) => id);
const groupsByName = new Finder<SandboxGroup>(({ displayName }) => displayName.toLowerCase());

/** The user of this ID, or ResourceNotFoundException. */
export function userOf(id: string, organization: Organization): SandboxUser {
  return usersById.find(organization.users, id) ?? missing('USER', id);
}

/** The group of this ID, or ResourceNotFoundException. */
export function groupOf(id: string, organization: Organization): SandboxGroup {
  return groupsById.find(organization.groups, id) ?? missing('GROUP', id);
}

/** What the identity store tells about users and groups. */
export const peopleOperations = {
  ListUsers: operation(z.object({ ...store, Filters: filters, ...page }), (input, context) => {
    const { users } = checkStore(input.IdentityStoreId, context);
    const name = input.Filters?.[0]?.AttributeValue.toLowerCase();
    const found = name === undefined ? users : oneOrNone(usersByName.find(users, name));
    const { page: here, NextToken } = identityStorePage('ListUsers', found, input);
    return { Users: here.map((user) => describeUser(user, context)), NextToken };
  }),

  DescribeUser: operation(z.object({ ...store, UserId: field.principalId }), (input, context) => {
    return describeUser(userOf(input.UserId, checkStore(input.IdentityStoreId, context)), context);
  }),

  GetUserId: operation(alternateIdentifier(['userName', 'username', 'emails.value']), (input, context) => {
    const { users, identityStoreId } = checkStore(input.IdentityStoreId, context);
    const { AttributePath, AttributeValue } = input.AlternateIdentifier.UniqueAttribute;
    const finder = AttributePath === 'emails.value' ? usersByEmail : usersByName;
    const user = finder.find(users, AttributeValue.toLowerCase()) ?? missing('USER', AttributeValue);
    return { UserId: user.id, IdentityStoreId: identityStoreId };
  }),

  ListGroups: operation(z.object({ ...store, Filters: filters, ...page }), (input, context) => {
    const { groups } = checkStore(input.IdentityStoreId, context);
    const name = input.Filters?.[0]?.AttributeValue.toLowerCase();
    const found = name === undefined ? groups : oneOrNone(groupsByName.find(groups, name));
    const { page: here, NextToken } = identityStorePage('ListGroups', found, input);
    return { Groups: here.map((group) => describeGroup(group, context)), NextToken };
  }),

  DescribeGroup: operation(z.object({ ...store, GroupId: field.principalId }), (input, context) => {
    return describeGroup(groupOf(input.GroupId, checkStore(input.IdentityStoreId, context)), context);
  }),

  GetGroupId: operation(alternateIdentifier(['displayName']), (input, context) => {
    const { groups, identityStoreId } = checkStore(input.IdentityStoreId, context);
    const { AttributeValue } = input.AlternateIdentifier.UniqueAttribute;
    const group = groupsByName.find(groups, AttributeValue.toLowerCase()) ?? missing('GROUP', AttributeValue);
    return { GroupId: group.id, IdentityStoreId: identityStoreId };
  }),
};

function oneOrNone<Item>(item: Item | undefined): Item[] {
  return item === undefined ? [] : [item];
}

function describeUser(user: SandboxUser, { services }: CallContext) {
  return {
    IdentityStoreId: services.organization.identityStoreId,
    UserId: user.id,
    UserName: user.userName,
    Name: { GivenName: user.givenName, FamilyName: user.familyName },
    DisplayName: user.displayName,
    Emails: user.email === '' ? undefined : [{ Value: user.email, Type: 'work', Primary: true }],
    UserStatus: user.status,
  };
}

function describeGroup(group: SandboxGroup, { services }: CallContext) {
  return {
    IdentityStoreId: services.organization.identityStoreId,
    GroupId: group.id,
    DisplayName: group.displayName,
    Description: group.description === '' ? undefined : group.description,
  };
}
