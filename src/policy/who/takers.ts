import {
  type Account,
  type PermissionSet,
  permissionSetIndex,
  readAvailability,
  whyUnavailable,
} from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { splitRef } from '../approval.ts';
import { refOf } from '../compile.ts';
import { loadPolicies } from '../load-store.ts';
import { type Names, readNames } from '../names.ts';
import { type Kind, kindsOfRequest, takingPolicies } from '../takers.ts';
import type { EligibilityPolicy, PolicyRef } from '../types.ts';
import { readStepPeople, type StepPeople } from './people.ts';
import { countMembers, peopleNamed } from './queries.ts';

/** Who may ask for a role, or for anything in an account, and who decides: what `views/policy/_who-takers` shows. */
export interface WhoTakers {
  /** Why nobody can be given it at present; null where they can. */
  unavailable: string | null;
  policies: TakingPolicy[];
  people: { id: string; name: string; userName: string; through: string[] }[];
  total: number;
  /** Null where no account is chosen: who decides depends on it. */
  decisions: Decision[] | null;
  moreDecisions: number;
  /** Approval policies tell groups of requesters apart. */
  groupsApart: boolean;
}

interface TakingPolicy {
  policy: PolicyRef;
  principals: { name: string; kind: string; members: number | null }[];
  morePrincipals: number;
  /** Names of the roles; none where one role is asked about. */
  roles: string[];
  /** Names of accounts and OUs; none where one account is asked about. */
  places: string[];
  maxDurationMinutes: number;
  approvalRequired: boolean;
  ticketRequired: boolean;
}

interface Decision {
  /** 'For members of Payments Engineers', 'For everyone else'. */
  whose: string;
  steps: StepPeople[];
  policies: PolicyRef[];
}

const PRINCIPALS_SHOWN = 10;
const DECISIONS_SHOWN = 20;

export async function readWhoTakers(
  tx: Tx,
  { account, role }: { account: Account | null; role: PermissionSet | null },
  now: Date,
  page: { from: number; size: number },
): Promise<WhoTakers> {
  const all = await loadPolicies(tx);
  const place = account && { accountId: account.id, ancestorIds: account.ancestorIds };
  const taking = takingPolicies(all, { place, permissionSetArn: role?.arn ?? null }, now);
  const principals = taking.flatMap((policy) => policy.principals).map(splitRef);
  const idsOf = (wanted: string) => [...new Set(principals.flatMap(([kind, id]) => (kind === wanted ? [id] : [])))];
  const groupIds = idsOf('GROUP');
  const userIds = idsOf('USER');
  const { people, total } = await peopleNamed(tx, { userIds, groupIds }, page);
  const members = await countMembers(tx, groupIds);
  const names = await readNames(
    tx,
    taking.flatMap((policy) => [...policy.principals, ...(account ? [] : policy.targets)]),
  );
  const named = new Set(userIds);
  const { decisions, more, groupsApart } = place
    ? await readDecisions(tx, all, place, role?.arn ?? null, now)
    : { decisions: null, more: 0, groupsApart: false };
  const roles = role ? null : await permissionSetIndex(tx);
  return {
    unavailable: whyUnavailable({ account, permissionSet: role }, await readAvailability(tx)),
    policies: taking.map((policy) => takingPolicy(policy)),
    people: people.map((each) => ({
      id: each.id,
      name: each.displayName,
      userName: each.userName,
      through: [
        ...each.groupIds.map((id) => names.of(`GROUP:${id}`).name),
        ...(named.has(each.id) ? ['named themselves'] : []),
      ],
    })),
    total,
    decisions,
    moreDecisions: more,
    groupsApart,
  };

  function takingPolicy(policy: EligibilityPolicy): TakingPolicy {
    const sorted = names.all(policy.principals);
    return {
      policy: refOf('eligibility', policy),
      principals: sorted.slice(0, PRINCIPALS_SHOWN).map(({ ref, name, kind, known }) => ({
        name,
        kind: known ? kind : `${kind} that no longer exists`,
        members: kind === 'group' && known ? (members.get(splitRef(ref)[1]) ?? 0) : null,
      })),
      morePrincipals: Math.max(0, sorted.length - PRINCIPALS_SHOWN),
      roles: roles ? policy.permissionSets.flatMap((arn) => roles.byArn.get(arn)?.name ?? []).sort() : [],
      places: account ? [] : names.all(policy.targets).map((each) => each.name),
      maxDurationMinutes: policy.maxDurationMinutes,
      approvalRequired: policy.approvalRequired,
      ticketRequired: policy.ticketRequired,
    };
  }
}

async function readDecisions(
  tx: Tx,
  policies: Awaited<ReturnType<typeof loadPolicies>>,
  place: { accountId: string; ancestorIds: string[] },
  permissionSetArn: string | null,
  now: Date,
): Promise<{ decisions: Decision[]; more: number; groupsApart: boolean }> {
  const kinds = kindsOfRequest(policies, place, permissionSetArn, now);
  const shown = kinds.slice(-DECISIONS_SHOWN);
  const names = await readNames(
    tx,
    shown.flatMap(({ permissionSetArn: arn, requesterGroup, requirement: { steps } }) => [
      ...(arn === null ? [] : [arn]),
      ...(requesterGroup === null ? [] : [`GROUP:${requesterGroup}`]),
      ...steps.flatMap((step) => step.approvers),
    ]),
  );
  const rolesApart = kinds.some((kind) => kind.permissionSetArn !== null);
  const { steps: people } = await readStepPeople(
    tx,
    shown.flatMap(({ requirement }) => requirement.steps),
    '',
    names,
  );
  const decisions = shown.map((kind): Decision => {
    const siblings = kinds.filter((each) => each.permissionSetArn === kind.permissionSetArn);
    return {
      whose: whoseRequests(kind, names, { groupsApart: siblings.length > 1, rolesApart }),
      steps: people.splice(0, kind.requirement.steps.length),
      policies: kind.requirement.policies,
    };
  });
  return {
    decisions,
    more: kinds.length - shown.length,
    groupsApart: kinds.some((kind) => kind.requesterGroup !== null),
  };
}

function whoseRequests(
  { permissionSetArn, requesterGroup }: Kind,
  names: Names,
  { groupsApart, rolesApart }: { groupsApart: boolean; rolesApart: boolean },
): string {
  const others = groupsApart ? 'everyone else' : 'everyone';
  const who = requesterGroup === null ? others : `members of ${names.of(`GROUP:${requesterGroup}`).name}`;
  if (permissionSetArn !== null) return `For ${who} who asks for ${names.of(permissionSetArn).name}`;
  return rolesApart ? `For ${who} who asks for any other role` : `For ${who}`;
}
