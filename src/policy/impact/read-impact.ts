import {
  accountIndex,
  permissionSetIndex,
  readAvailability,
  readMembersNow,
  whyUnavailable,
} from '../../directory/index.ts';
import { appNow, type Tx } from '../../platform/db.ts';
import type { Platform } from '../../platform/index.ts';
import { formatMinutes } from '../../platform/time.ts';
import { readSettings } from '../../settings/index.ts';
import type { Policies } from '../compile.ts';
import { loadPolicies } from '../load-store.ts';
import { type Names, readNames } from '../names.ts';
import { enoughForAll } from './approvable.ts';
import { audienceOf, groupsNamedIn, groupsThatMatter, type PolicyChange, withChange } from './change.ts';
import { EFFECTS } from './effects.ts';
import { type Impact, impactOf } from './impact.ts';
import { type Newcomers, readAudience, readDeciders, readOpenRequests, withoutCopy } from './queries.ts';
import { affectedRequests, type OpenRequest, REQUEST_EFFECTS } from './requests.ts';
import { EXAMPLES } from './tally.ts';
import { type EffectInWords, effectInWords, requestsInWords } from './words.ts';

/** What a change would do, as `views/policy/_impact` shows it. */
export interface ImpactView {
  /** When it would do so, where that is not now: a policy may begin later. */
  from: Date | null;
  effects: EffectInWords[];
  /** The members of some group are not known, so more people may be meant; `warnings` tells of which. */
  partial: boolean;
  requests: { text: string; first: OpenRequest[]; others: number }[];
  /** What to think of twice, and what is not known yet, as sentences. */
  warnings: string[];
}

/**
 * What it would do to people, accounts, roles and open requests if one policy became, or were gone, as `change` says:
 * `{ id, kind, policy }`, where `id` is the policy that is changed or null for a new one, and `policy` its content or
 * null to delete it. Show it with `views/policy/_impact` as `impact`. Reads Identity Center for the members of groups
 * that no policy names yet, so call it outside of any transaction; what it cannot learn within two seconds it says.
 */
export async function readImpact(platform: Platform, change: PolicyChange): Promise<ImpactView> {
  const { prisma } = platform.db;
  const known = await loadPolicies(prisma);
  const named = groupsNamedIn(known);
  const added = [...groupsNamedIn(withChange(known, change))].filter((id) => !named.has(id));
  const members = await readMembersNow(platform, await withoutCopy(prisma, added));
  const newcomers = new Map([...members].map(([id, userIds]) => [id, userIds ?? []] as const));
  const unknown = [...members].flatMap(([id, userIds]) => (userIds === null ? [id] : []));
  return platform.db.tx((tx) => read(tx, change, newcomers, unknown));
}

async function read(tx: Tx, change: PolicyChange, newcomers: Newcomers, unknown: string[]): Promise<ImpactView> {
  const before = await loadPolicies(tx);
  const changed = { before, after: withChange(before, change) };
  const { settings } = await readSettings(tx);
  const now = await appNow(tx);
  const from = beginOf(before, change);
  const later = from !== null && from > now;
  const at = later ? from : now;

  const people = await readAudience(tx, audienceOf(changed), groupsThatMatter(changed), newcomers);
  const policies = [...before.approval, ...changed.after.approval].map(({ policy }) => policy);
  const approvers = [...new Set(policies.flatMap(({ steps }) => steps.flatMap((step) => step.approvers)))];
  const deciders = await readDeciders(tx, approvers, enoughForAll(policies), newcomers);
  const { accounts, byId } = await accountIndex(tx);
  const { permissionSets } = await permissionSetIndex(tx);
  const availability = await readAvailability(tx);
  const organization = {
    people,
    places: accounts
      .filter((account) => whyUnavailable({ account }, availability) === null)
      .map(({ id, ancestorIds }) => ({ accountId: id, ancestorIds })),
    roles: permissionSets
      .filter((permissionSet) => whyUnavailable({ permissionSet }, availability) === null)
      .map(({ arn }) => arn),
    deciders,
  };
  const found = impactOf(changed, organization, settings, at).toSorted(
    (a, b) => EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect),
  );
  const ancestorsOf = (accountId: string) => byId.get(accountId)?.ancestorIds ?? null;
  const open = await readOpenRequests(tx, newcomers);
  const affected = affectedRequests(changed, open, { ancestorsOf, deciders, limits: settings, now: at });

  const roles = change.kind === 'eligibility' ? (change.policy?.permissionSets ?? []) : [];
  const names = await readNames(tx, [...refsOf(found), ...unknown.map((id) => `GROUP:${id}`)]);
  const sessions = permissionSets.filter(({ arn, sessionSeconds }) => sessionSeconds > 3_600 && roles.includes(arn));
  return {
    from: later ? from : null,
    effects: found.map((impact) => effectInWords(impact, (ref) => names.of(ref).name)),
    partial: unknown.length > 0,
    requests: REQUEST_EFFECTS.flatMap((effect) => {
      const meant = affected.filter(({ effects }) => effects.includes(effect)).map(({ request }) => request);
      const pending = meant.filter((request) => request.pending).length;
      const text = requestsInWords(effect, pending, meant.length - pending);
      const first = meant.slice(0, EXAMPLES);
      return meant.length === 0 ? [] : [{ text, first, others: meant.length - first.length }];
    }),
    warnings: [
      ...unknown.map((id) => notKnown(names, id)),
      ...sessions.map(
        ({ name, sessionSeconds }) =>
          `A session of ${name} lasts ${formatMinutes(Math.round(sessionSeconds / 60))}: one that is opened just before the end outlives the access by so much.`,
      ),
    ],
  };
}

/** When the policy begins to hold, if it has a time for that. */
function beginOf(before: Policies, { id, kind, policy }: PolicyChange): Date | null {
  if (kind === 'guardrail') return null;
  if (policy !== null) return policy.startsAt;
  return before[kind].find((each) => each.policy.id === id)?.policy.startsAt ?? null;
}

function refsOf(impacts: readonly Impact[]): string[] {
  return impacts.flatMap(({ first }) => [
    ...first.people.map((id) => `USER:${id}`),
    ...first.accounts.map((id) => `ACCOUNT:${id}`),
    ...first.roles,
  ]);
}

function notKnown(names: Names, groupId: string): string {
  return `The members of ${names.of(`GROUP:${groupId}`).name} are not known yet, so they are not counted. Latchkey copies them from Identity Center once a policy names the group.`;
}
