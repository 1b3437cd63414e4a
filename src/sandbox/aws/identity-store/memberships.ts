import { createHash } from 'node:crypto';
import { z } from 'zod';
import { operation } from '../operation.ts';
import * as field from '../patterns.ts';
import { groupOf, userOf } from './people.ts';
import { checkStore, identityStorePage } from './store.ts';

const store = { IdentityStoreId: field.identityStoreId };
const page = { MaxResults: field.maxResults(100), NextToken: field.identityStoreNextToken };
const member = z.object({ UserId: field.principalId });

/** What the identity store tells about who is in which group. */
export const membershipOperations = {
  ListGroupMemberships: operation(z.object({ ...store, GroupId: field.principalId, ...page }), (input, context) => {
    const organization = checkStore(input.IdentityStoreId, context);
    groupOf(input.GroupId, organization);
    const members = [...(organization.memberships.get(input.GroupId) ?? [])];
    const { page: here, NextToken } = identityStorePage('ListGroupMemberships', members, input);
    return { GroupMemberships: here.map((id) => membership(input.IdentityStoreId, input.GroupId, id)), NextToken };
  }),

  ListGroupMembershipsForMember: operation(z.object({ ...store, MemberId: member, ...page }), (input, context) => {
    const organization = checkStore(input.IdentityStoreId, context);
    const userId = userOf(input.MemberId.UserId, organization).id;
    const groups: string[] = [];
    for (const [groupId, members] of organization.memberships) if (members.has(userId)) groups.push(groupId);
    const { page: here, NextToken } = identityStorePage('ListGroupMembershipsForMember', groups, input);
    return { GroupMemberships: here.map((groupId) => membership(input.IdentityStoreId, groupId, userId)), NextToken };
  }),

  IsMemberInGroups: operation(
    z.object({ ...store, MemberId: member, GroupIds: z.array(field.principalId).min(1).max(100) }),
    (input, context) => {
      const organization = checkStore(input.IdentityStoreId, context);
      const userId = userOf(input.MemberId.UserId, organization).id;
      const Results = input.GroupIds.map((groupId) => ({
        GroupId: groupOf(groupId, organization).id,
        MemberId: { UserId: userId },
        MembershipExists: organization.memberships.get(groupId)?.has(userId) ?? false,
      }));
      return { Results };
    },
  ),
};

function membership(identityStoreId: string, groupId: string, userId: string) {
  // Memberships have IDs of their own, which must stay the same from call to call.
  const digest = createHash('sha1').update(`${groupId} ${userId}`).digest('hex');
  const parts = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ];
  return {
    IdentityStoreId: identityStoreId,
    MembershipId: parts.join('-'),
    GroupId: groupId,
    MemberId: { UserId: userId },
  };
}
