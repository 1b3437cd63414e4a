import { fork } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import type { Ask, PolicyLimits, Subject } from '../../src/policy/index.ts';
import type { Organization } from '../../src/sandbox/organization.ts';
import { nodeFlags } from '../support/process.ts';
import { cedarJudge } from './cedar.ts';
import type { Measured, Task } from './eligibility-worker.ts';
import {
  type BusyPerson,
  busyPerson,
  fillDirectory,
  fillPolicies,
  groupsNamedBy,
  largeOrganization,
} from './large-organization.ts';
import { drawFrom, type LargePolicies, largePolicies } from './large-policies.ts';
import { freshDatabase, percentile } from './stage.ts';

const ASKS = 5_000;
const CEDAR_ASKS = 300;
const LIMITS: PolicyLimits = {
  maxDurationMinutes: 540,
  allowedDurationsMinutes: [],
  ticketRequired: false,
  approvalEnabled: true,
};

interface Large {
  organization: Organization;
  person: BusyPerson;
  policies: LargePolicies;
}

/**
 * How long it takes to judge what a person in 200 groups asks for, and to list what they may ask for, with 2,000
 * eligibility and 500 approval policies on 5,000 accounts; both also right after a policy changed. The floor of a
 * verdict: the same eligibility policies through Cedar. Both must agree, or the benchmark fails.
 */
export async function eligibility(): Promise<string> {
  const organization = largeOrganization();
  const person = busyPerson(organization);
  const policies = largePolicies(organization, person.groupIds);
  const large = { organization, person, policies };
  const subject = { userId: person.user.id, groupIds: person.groupIds };
  const asks = asksOf(large);
  const database = await freshDatabase();
  try {
    const pool = new pg.Pool({ connectionString: database.databaseUrl });
    await fillDirectory(pool, organization, groupsNamedBy(policies));
    await fillPolicies(pool, policies);
    await pool.end();
    const task: Task = {
      databaseUrl: database.databaseUrl,
      subject,
      asks,
      searches: ['', 'prod', '6000000', 'a', 'payments', 'sandbox 1', 'x'],
      limits: LIMITS,
      changes: 100,
    };
    const measured = await measureApart(task);
    const cedar = askCedar(large, subject, asks, measured.eligible);
    const table = {
      verdict: summary(measured.verdicts),
      'verdict right after a policy change': summary(measured.verdictsAfterChange),
      'taking in a policy change': summary(measured.reloads),
      'first 50 accounts, total, roles of one': summary(measured.lists),
      'the same right after a policy change': summary(measured.listsAfterChange),
      'floor: verdict by Cedar': summary(cedar),
    };
    console.table(table);
    const verdict = Math.max(table.verdict.p95_ms, table['verdict right after a policy change'].p95_ms);
    const list = Math.max(
      table['first 50 accounts, total, roles of one'].p95_ms,
      table['the same right after a policy change'].p95_ms,
    );
    const ofCedar = table['floor: verdict by Cedar'].p95_ms;
    console.log(
      `${measured.eligible.filter(Boolean).length} of ${asks.length} asks are eligible; ${measured.offered} accounts are offered; Cedar agrees and takes ${(ofCedar / verdict).toFixed(1)} times as long per verdict`,
    );
    return `eligibility verdict_p95_ms=${verdict} list_p95_ms=${list} cedar_verdict_p95_ms=${ofCedar} rss_mb=${Math.round(measured.rssMb)}`;
  } finally {
    await database.stop();
  }
}

/** In a process of its own, so that its memory is that of a portal's work and not of this benchmark's set-up. */
async function measureApart(task: Task): Promise<Measured> {
  const worker = fork(new URL('./eligibility-worker.ts', import.meta.url), { execArgv: nodeFlags() });
  worker.send(task);
  const [measured] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(([code]) => {
      throw new Error(`the measuring process ended early with ${code}`);
    }),
  ])) as [Measured];
  return measured;
}

function askCedar(large: Large, subject: Subject, asks: Ask[], expected: boolean[]): number[] {
  const judge = cedarJudge(large.policies.eligibility);
  for (const ask of asks.slice(0, 20)) judge(subject, ask);
  // A guardrail can make a duration too long for whom Cedar, which knows none, calls eligible.
  const guarded = new Set(large.policies.guardrails.flatMap((each) => each.permissionSets));
  return asks.slice(0, CEDAR_ASKS).map((ask, index) => {
    const began = performance.now();
    const eligible = judge(subject, ask);
    const took = performance.now() - began;
    if (eligible !== expected[index] && !guarded.has(ask.permissionSetArn)) {
      throw new Error(`Cedar says ${eligible}, the portal says ${expected[index]}: ${JSON.stringify(ask)}`);
    }
    return took;
  });
}

/** Half of them of what one of the person's own policies names, half of anything. */
function asksOf({ organization, policies, person }: Large): Ask[] {
  const draw = drawFrom(11);
  const ancestors = new Map<string, string[]>();
  const walk = (unit: typeof organization.root, above: string[]) => {
    ancestors.set(unit.id, [...above, unit.id]);
    for (const child of unit.children) walk(child, [...above, unit.id]);
  };
  walk(organization.root, []);
  const places = organization.accounts.map((account) => ({
    accountId: account.id,
    ancestorIds: ancestors.get(account.parentId) ?? [],
  }));
  const groups = new Set(person.groupIds.map((id) => `GROUP:${id}`));
  const own = policies.eligibility.filter((policy) => policy.principals.some((ref) => groups.has(ref)));
  return Array.from({ length: ASKS }, (_, index) => {
    const policy = draw.one(own);
    const named = places.filter(
      ({ accountId, ancestorIds }) =>
        policy.targets.includes(`ACCOUNT:${accountId}`) ||
        ancestorIds.some((id) => policy.targets.includes(`OU:${id}`)),
    );
    const near = index % 2 === 0 && named.length > 0;
    return {
      ...(near ? draw.one(named) : draw.one(places)),
      permissionSetArn: near ? draw.one(policy.permissionSets) : draw.one(organization.permissionSets).arn,
      durationMinutes: draw.one([30, 60, 120, 240]),
      ticketGiven: draw.chance(0.7),
    };
  });
}

function summary(times: number[]) {
  const round = (ms: number) => Math.round(ms * 1_000) / 1_000;
  return {
    n: times.length,
    p50_ms: round(percentile(times, 0.5)),
    p95_ms: round(percentile(times, 0.95)),
    max_ms: round(Math.max(...times)),
  };
}
