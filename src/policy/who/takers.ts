import {
  type Account,
  type PermissionSet,
  permissionSetIndex,
  readAvailability,
  whyUnavailable,
} from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { splitRef } from '../approval.ts';
import { type CompiledEligibility, compilePlaces, coversPlace, refOf } from '../compile.ts';
import { readPlaces } from '../form/read-places.ts';
import { readStuck } from '../form/read-stuck.ts';
import { placesInWords } from '../form/summary.ts';
import { loadPolicies } from '../load-store.ts';
import { readNames } from '../names.ts';
import { guardrailInWords } from '../reasons.ts';
import { takingPolicies } from '../takers.ts';
import { boundsAt, guardrailsOver, termsOf } from '../terms.ts';
import type { PolicyLimits, PolicyRef } from '../types.ts';
import { type Decision, readDecisions } from './decisions.ts';
import { countMembers, peopleNamed } from './queries.ts';
import { approvalInWords, longestInWords } from './terms-in-words.ts';

/** Who may ask for a role, or for anything in an account, and who decides: what `views/policy/_who-takers` shows. */
export interface WhoTakers {
  /** Why nobody can be given it at present; null where they can. */
  unavailable: string | null;
  policies: TakingPolicy[];
  guardrails: { policy: PolicyRef; says: string }[];
  /** `stuck`: where nobody could approve for them, as a sentence; empty where somebody could. */
  people: { id: string; name: string; userName: string; through: string[]; stuck: string }[];
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
  /** 'with nested OUs', 'except …'. */
  placesApart: string[];
  /** Within guardrails and settings. */
  longest: string;
  approval: string;
  ticketRequired: boolean;
  /** How many people would be refused because nobody could approve, as far as is known. */
  stuck: number;
}

const PRINCIPALS_SHOWN = 10;

export async function readWhoTakers(
  tx: Tx,
  { account, role }: { account: Account | null; role: PermissionSet | null },
  { limits, now }: { limits: PolicyLimits; now: Date },
  page: { from: number; size: number },
): Promise<WhoTakers> {
  const all = await loadPolicies(tx);
  const place = account && { accountId: account.id, ancestorIds: account.ancestorIds };
  const taking = takingPolicies(all, { place, permissionSetArn: role?.arn ?? null }, now);
  const giveable = account ? [] : await readPlaces(tx);
  const places = place ? [place] : giveable.filter((each) => taking.some((one) => coversPlace(one.places, each)));
  const roleArns = role ? [role.arn] : [...new Set(taking.flatMap(({ policy }) => policy.permissionSets))];
  const bounds = boundsAt(all, limits);
  const about = {
    places: account && compilePlaces({ targets: [`ACCOUNT:${account.id}`], exclusions: [], includeNestedOus: false }),
    roles: new Set(roleArns),
    policyId: null,
    requesterGroups: new Set<string>(),
  };
  const refused = await readStuck(tx, all, about, places, now);
  const above = new Set(guardrailsOver({ places, roles: roleArns }, bounds).map(({ id }) => id));
  const principals = taking.flatMap(({ policy }) => policy.principals).map(splitRef);
  const idsOf = (wanted: string) => [...new Set(principals.flatMap(([kind, id]) => (kind === wanted ? [id] : [])))];
  const groupIds = idsOf('GROUP');
  const userIds = idsOf('USER');
  const { people, total } = await peopleNamed(tx, { userIds, groupIds }, page);
  const members = await countMembers(tx, groupIds);
  const names = await readNames(
    tx,
    taking.flatMap(({ policy }) => [
      ...policy.principals,
      ...(account ? [] : [...policy.targets, ...policy.exclusions]),
    ]),
  );
  const named = new Set(userIds);
  const stuck = new Map(
    refused.among(new Set(people.map(({ id }) => id))).map(({ userId, shortage }) => [userId, shortage]),
  );
  const stuckAt = await readNames(
    tx,
    [...stuck.values()].flatMap((each) => [each.permissionSetArn, `ACCOUNT:${each.place.accountId}`]),
  );
  const { decisions, more, groupsApart } = place
    ? await readDecisions(tx, all, place, role?.arn ?? null, now)
    : { decisions: null, more: 0, groupsApart: false };
  const roles = role ? null : await permissionSetIndex(tx);
  return {
    unavailable: whyUnavailable({ account, permissionSet: role }, await readAvailability(tx)),
    policies: taking.map((each) => takingPolicy(each)),
    guardrails: all.guardrails.flatMap(({ policy }) =>
      above.has(policy.id) ? [{ policy: refOf('guardrail', policy), says: guardrailInWords(policy) }] : [],
    ),
    people: people.map((each) => ({
      id: each.id,
      name: each.displayName,
      userName: each.userName,
      through: [
        ...each.groupIds.map((id) => names.of(`GROUP:${id}`).name),
        ...(named.has(each.id) ? ['named themselves'] : []),
      ],
      stuck: stuckInWords(each.id),
    })),
    total,
    decisions,
    moreDecisions: more,
    groupsApart,
  };

  function stuckInWords(id: string): string {
    const where = stuck.get(id);
    if (where === undefined) return '';
    const parts = [
      role ? '' : `for ${stuckAt.of(where.permissionSetArn).name}`,
      account ? '' : `in ${stuckAt.of(`ACCOUNT:${where.place.accountId}`).name}`,
    ].filter(Boolean);
    return `Where approval is needed, nobody could give it${parts.length > 0 ? `, say ${parts.join(' ')}` : ''}.`;
  }

  function takingPolicy(each: CompiledEligibility): TakingPolicy {
    const { policy } = each;
    const where = account ? [] : placesInWords(policy, names);
    const terms = termsOf(each, { places, roles: roleArns }, limits, bounds);
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
      places: where.slice(0, policy.targets.length),
      placesApart: where.slice(policy.targets.length),
      longest: longestInWords(terms, role ? 'in some accounts' : 'for some roles'),
      approval: approvalInWords(terms, role ? 'in some accounts' : 'for some roles'),
      ticketRequired: policy.ticketRequired || limits.ticketRequired,
      stuck: refused.stuck.length === 0 ? 0 : refused.byPolicy(policy.id),
    };
  }
}
