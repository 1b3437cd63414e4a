import { permissionSetIndex, readAvailability, whyUnavailable } from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { readSettings } from '../../settings/index.ts';
import type { Place, Policies } from '../compile.ts';
import { enoughForAll } from '../impact/approvable.ts';
import { groupsNamedIn } from '../impact/change.ts';
import { readAudience, readDeciders } from '../impact/queries.ts';
import type { Subject } from '../types.ts';
import { type Stuck, stuckPeople } from './stuck-people.ts';
import { type About, type Circumstances, type Shortage, shortages } from './unfulfillable.ts';

/** So many people are looked at one by one; a warning that names a few of them needs no more. */
const MOST_PEOPLE = 1_000;

export interface Refused {
  /** Of the first thousand who may ask, by name. */
  stuck: Stuck[];
  /** Of these people. */
  among(userIds: ReadonlySet<string>): Stuck[];
  /** How many of `stuck` are so where this eligibility policy needs approval. */
  byPolicy(id: string): number;
}

/** Whose requests nobody could approve, of those that are asked about; from the directory's copy. */
export async function readStuck(
  tx: Tx,
  policies: Policies,
  about: About,
  places: readonly Place[],
  now: Date,
): Promise<Refused> {
  const approval = policies.approval.map(({ policy }) => policy);
  const approvers = [...new Set(approval.flatMap(({ steps }) => steps.flatMap((step) => step.approvers)))];
  const circumstances: Circumstances = {
    places,
    roles: await readRoles(tx),
    deciders: await readDeciders(tx, approvers, enoughForAll(approval), new Map()),
    limits: (await readSettings(tx)).settings,
    now,
  };
  const found = shortages(policies, about, circumstances);
  if (found.length === 0) return { stuck: [], among: () => [], byPolicy: () => 0 };
  const principals = [...new Set(found.flatMap((shortage) => shortage.principals))];
  const audience = await readAudience(tx, principals, [...groupsNamedIn(policies)], new Map());
  const stuckOf = (where: readonly Shortage[], people: readonly Subject[]) =>
    stuckPeople(where, about, people, policies, circumstances);
  const stuck = stuckOf(found, audience.slice(0, MOST_PEOPLE));
  const ids = new Set(stuck.map(({ userId }) => userId));
  const refused = audience.filter(({ userId }) => ids.has(userId));
  return {
    stuck,
    among: (userIds) =>
      stuckOf(
        found,
        audience.filter(({ userId }) => userIds.has(userId)),
      ),
    byPolicy: (id) => {
      const own = policies.eligibility.find(({ policy }) => policy.id === id)?.policy.principals ?? [];
      const there = found.filter(({ policyIds }) => policyIds.includes(id));
      return stuckOf(
        there.map((shortage) => ({ ...shortage, principals: own })),
        refused,
      ).length;
    },
  };
}

async function readRoles(tx: Tx): Promise<Set<string>> {
  const availability = await readAvailability(tx);
  const { permissionSets } = await permissionSetIndex(tx);
  const given = permissionSets.filter((permissionSet) => whyUnavailable({ permissionSet }, availability) === null);
  return new Set(given.map(({ arn }) => arn));
}
