import { setImmediate } from 'node:timers/promises';
import { endGrant, noteRightsBack, noteRightsLost, type RunningGrant, runningGrants } from '../access/index.ts';
import { systemActor } from '../audit/index.ts';
import { accountIndex, readGroupsNow, readPersonNow } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { ConflictError, messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { settledPolicies } from '../policy/index.ts';
import { readSettings } from '../settings/index.ts';
import {
  groupsThatMatter,
  lostToAll,
  type RunningFacts,
  readRunningFacts,
  restsOnPolicies,
  whyLost,
} from './judge-running.ts';
import { isMass, tellOfLost, tellOfMass } from './tell-rights.ts';

/** How many are judged in one go. */
const AT_ONCE = 200;
const ACTOR = systemActor('request');

/** Access whose holder has lost the right to it. `groupIds`: theirs, read now; null where no membership would help. */
interface Lost {
  grant: RunningGrant;
  groupIds: string[] | null;
}

export interface RightsSeen {
  judged: number;
  /** How many were taken away, and of how many administrators were told. */
  revoked: number;
  told: number;
}

/** Stands for the policies, settings and places that running access was judged by. */
export async function rightsMark(tx: Tx): Promise<string> {
  const { revision: policies } = await tx.policyRevision.findFirstOrThrow({ select: { revision: true } });
  const { version } = await readSettings(tx);
  const { revision: directory } = await accountIndex(tx);
  return `${policies} ${directory} ${version}`;
}

/**
 * Judges all running access that was asked for by today's policies and by memberships read from Identity Center now.
 * Where the right is lost, the setting says what follows: it is taken away, or administrators are told and it runs on.
 * Nothing is concluded of anybody who cannot be read; throws the last failure at the end, so that it is tried again.
 */
export async function watchRights(platform: Platform, signal?: AbortSignal): Promise<RightsSeen> {
  const tx = platform.db.prisma;
  await settledPolicies(tx);
  const facts = await readRunningFacts(tx);
  const grants: RunningGrant[] = [];
  for await (const page of runningGrants(tx)) grants.push(...page.filter((grant) => restsOnPolicies(grant, facts)));
  const { lost, failure } = await findLost(platform, grants, facts, signal);
  await backAgain(platform, grants, lost, failure === undefined);
  const { onEligibilityLost } = (await readSettings(tx)).settings;
  let revoked = 0;
  let told = 0;
  if (onEligibilityLost === 'tell') {
    told = await tell(platform, lost);
  } else {
    if (isMass(lost.length, grants.length)) {
      await platform.db.tx((each) => tellOfMass(platform, each, lost.length, grants.length));
    }
    for (const each of lost) {
      signal?.throwIfAborted();
      if (await revoke(platform, each)) revoked += 1;
    }
  }
  if (failure !== undefined) throw failure;
  return { judged: grants.length, revoked, told };
}

/** Two looks: one that is cheap and only clears people of it, and one at each person who is left, which counts. */
async function findLost(
  platform: Platform,
  grants: RunningGrant[],
  facts: RunningFacts,
  signal: AbortSignal | undefined,
): Promise<{ lost: Lost[]; failure: unknown }> {
  const lost: Lost[] = [];
  const hopeless = lostToAll(grants, facts);
  const open = grants.filter(({ id }) => !hopeless.has(id));
  for (const grant of grants) if (hopeless.has(grant.id)) lost.push({ grant, groupIds: null });
  const users = [...new Set(open.map(({ userId }) => userId))];
  if (users.length === 0) return { lost, failure: undefined };
  const known = await readGroupsNow(platform, users, groupsThatMatter(open, facts), signal);
  const suspects = new Map<string, RunningGrant[]>();
  for (const [at, grant] of open.entries()) {
    // Whoever waits to take access away comes in between.
    if (at % AT_ONCE === AT_ONCE - 1) await setImmediate();
    if (whyLost(grant, [...(known.get(grant.userId) ?? [])], facts) === null) continue;
    suspects.set(grant.userId, [...(suspects.get(grant.userId) ?? []), grant]);
  }
  let failure: unknown;
  for (const [userId, theirs] of suspects) {
    signal?.throwIfAborted();
    try {
      const person = await readPersonNow(platform, userId, { priority: 'poll', ...(signal ? { signal } : {}) });
      // Who is gone or disabled loses everything for that reason.
      if (!person?.user.enabled) continue;
      const { groupIds } = person;
      lost.push(
        ...theirs.filter((each) => whyLost(each, groupIds, facts) !== null).map((grant) => ({ grant, groupIds })),
      );
    } catch (error) {
      failure = error;
      platform.log.warn({ err: messageOf(error), userId }, 'whether a person is eligible could not be read');
    }
  }
  return { lost, failure };
}

/** True where it was taken away. By the policies as they are with the grant locked: they may just have changed back. */
async function revoke({ db, log, ...platform }: Platform, { grant, groupIds }: Lost): Promise<boolean> {
  try {
    return await db.tx(async (tx) => {
      const why = whyLost(grant, groupIds, await readRunningFacts(tx));
      if (why === null) return false;
      await endGrant({ db, log, ...platform }, tx, {
        grantId: grant.id,
        cause: 'rights_lost',
        comment: why,
        actor: ACTOR,
      });
      return true;
    });
  } catch (error) {
    // Somebody else ended it meanwhile.
    if (!(error instanceof ConflictError)) {
      log.error({ err: messageOf(error), grantId: grant.id }, 'access whose right was lost could not be ended');
    }
    return false;
  }
}

/** Of how many administrators were told now: of each once for as long as it lasts, in one mail. */
async function tell(platform: Platform, lost: readonly Lost[]): Promise<number> {
  const untold = lost.filter(({ grant }) => grant.rightsLostToldAt === null);
  if (untold.length === 0) return 0;
  return platform.db.tx(async (tx) => {
    const facts = await readRunningFacts(tx);
    const reasons = new Map<string, string>();
    for (const [at, { grant, groupIds }] of untold.entries()) {
      if (at % AT_ONCE === AT_ONCE - 1) await setImmediate();
      const why = whyLost(grant, groupIds, facts);
      if (why !== null) reasons.set(grant.id, why);
    }
    // Nothing is locked before, and the mail is all that comes after: together, so that each is told of exactly once.
    const noted = await noteRightsLost(tx, reasons, ACTOR);
    const told = untold.flatMap(({ grant }) => {
      const why = noted.has(grant.id) ? reasons.get(grant.id) : undefined;
      return why === undefined ? [] : [{ grant, why }];
    });
    await tellOfLost(platform, tx, told);
    return told.length;
  });
}

/** Who has the right again is told of no longer. Only where everybody could be read is it known who has. */
async function backAgain(
  { db }: Platform,
  grants: readonly RunningGrant[],
  lost: readonly Lost[],
  complete: boolean,
): Promise<void> {
  if (!complete) return;
  const still = new Set(lost.map(({ grant }) => grant.id));
  for (const { id, rightsLostToldAt } of grants) {
    if (rightsLostToldAt !== null && !still.has(id)) await db.tx((tx) => noteRightsBack(tx, id, ACTOR));
  }
}
