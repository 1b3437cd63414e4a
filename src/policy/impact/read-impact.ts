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
import { loadPolicies } from '../load-store.ts';
import { type Names, readNames } from '../names.ts';
import { enoughForAll } from './approvable.ts';
import { audienceOf, groupsNamedIn, groupsThatMatter, momentsOf, type PolicyChange, withChange } from './change.ts';
import { EFFECTS } from './effects.ts';
import { type Impact, impactOf } from './impact.ts';
import { type Newcomers, readAudience, readDeciders, readOpenRequests, withoutCopy } from './queries.ts';
import { type Affected, affectedRequests, type OpenRequest, REQUEST_EFFECTS } from './requests.ts';
import { EXAMPLES } from './tally.ts';
import { type EffectInWords, effectInWords, requestsInWords } from './words.ts';

/** What a change would do, as `views/policy/_impact` shows it. */
export interface ImpactView {
  /** What it would do from when on, in order, where that differs from the moment before. Empty: nothing, at any time. */
  moments: MomentView[];
  /** The members of some group are not known, so more people may be meant; `warnings` tells of which. */
  partial: boolean;
  /** `from`: from when on, where that is neither now nor when access is to be given. */
  requests: { from: Date | null; text: string; first: OpenRequest[]; others: number }[];
  /** What to think of twice, and what is not known yet, as sentences. */
  warnings: string[];
}

/** `from`: null where that is now. No effects: from then on all is as without the change. */
export interface MomentView {
  from: Date | null;
  effects: EffectInWords[];
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
  const found = momentsOf(changed, now).map((at) => ({
    from: at > now ? at : null,
    impacts: impactOf(changed, organization, settings, at).toSorted(
      (a, b) => EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect),
    ),
  }));
  const ancestorsOf = (accountId: string) => byId.get(accountId)?.ancestorIds ?? null;
  const open = await readOpenRequests(tx, newcomers);
  const affected = affectedRequests(changed, open, { ancestorsOf, deciders, limits: settings, now });

  const roles = change.kind === 'eligibility' ? (change.policy?.permissionSets ?? []) : [];
  const names = await readNames(tx, [
    ...found.flatMap(({ impacts }) => refsOf(impacts)),
    ...unknown.map((id) => `GROUP:${id}`),
  ]);
  const sessions = permissionSets.filter(({ arn, sessionSeconds }) => sessionSeconds > 3_600 && roles.includes(arn));
  return {
    moments: whereItDiffers(
      found.map(({ from, impacts }) => ({
        from,
        effects: impacts.map((impact) => effectInWords(impact, (ref) => names.of(ref).name)),
      })),
    ),
    partial: unknown.length > 0,
    requests: requestsIn(affected),
    warnings: [
      ...unknown.map((id) => notKnown(names, id)),
      ...sessions.map(
        ({ name, sessionSeconds }) =>
          `A session of ${name} lasts ${formatMinutes(Math.round(sessionSeconds / 60))}: one that is opened just before the end outlives the access by so much.`,
      ),
    ],
  };
}

/** The moments at which something else is told than before. */
function whereItDiffers(moments: readonly MomentView[]): MomentView[] {
  const told = moments.map(({ effects }) => JSON.stringify(effects));
  return moments.filter((_, index) => told[index] !== (told[index - 1] ?? '[]'));
}

/** By when and by what happens to them. */
function requestsIn(affected: readonly Affected[]): ImpactView['requests'] {
  const times = [...new Set(affected.map(({ from }) => from?.getTime() ?? 0))].sort((a, b) => a - b);
  return times.flatMap((time) =>
    REQUEST_EFFECTS.flatMap((effect) => {
      const those = affected.filter(({ from, effects }) => (from?.getTime() ?? 0) === time && effects.includes(effect));
      const meant = those.map(({ request }) => request);
      const pending = meant.filter((request) => request.pending).length;
      const text = requestsInWords(effect, pending, meant.length - pending);
      const first = meant.slice(0, EXAMPLES);
      const from = time === 0 ? null : new Date(time);
      return meant.length === 0 ? [] : [{ from, text, first, others: meant.length - first.length }];
    }),
  );
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
