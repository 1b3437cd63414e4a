import { randomUUID } from 'node:crypto';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail } from '../../src/policy/index.ts';
import type { Organization, OrganizationalUnit } from '../../src/sandbox/organization.ts';
import { PLAIN } from '../support/policies.ts';

export interface LargePolicies {
  eligibility: EligibilityPolicy[];
  approval: ApprovalPolicy[];
  guardrails: Guardrail[];
}

const POLICIES = { eligibility: 2_000, approval: 500, guardrails: 20 };

/**
 * 2,000 eligibility and 500 approval policies over the organization, the same at every run: most name a group or
 * three and some OUs, some single accounts, some exclude; `busy` are the groups of a person who is in very many, so
 * that they have more to say about them than about others.
 */
export function largePolicies(organization: Organization, busy: readonly string[]): LargePolicies {
  const draw = drawFrom(7);
  const units = unitsOf(organization.root).map((unit) => `OU:${unit.id}`);
  const accounts = organization.accounts.map((account) => `ACCOUNT:${account.id}`);
  const roles = organization.permissionSets.map((set) => set.arn);
  const groups = organization.groups.slice(0, 1_000).map((group) => group.id);
  const targets = () => [...draw.some(units, 1, 3), ...(draw.chance(0.3) ? draw.some(accounts, 1, 10) : [])];
  const about = (kind: string, index: number) => ({ id: randomUUID(), version: 1, name: `${kind} ${index}`, note: '' });

  const eligibility = Array.from({ length: POLICIES.eligibility }, (_, index) => ({
    ...about('Eligibility', index),
    ...PLAIN,
    principals: draw.some(draw.chance(0.2) ? busy : groups, 1, 3).map((id) => `GROUP:${id}`),
    targets: targets(),
    exclusions: draw.chance(0.1) ? draw.some(accounts, 1, 5) : [],
    includeNestedOus: draw.chance(0.4),
    permissionSets: draw.some(roles, 1, 6),
    maxDurationMinutes: draw.one([60, 120, 240, 480]),
    approvalRequired: draw.chance(0.8),
    ticketRequired: draw.chance(0.1),
  }));
  const approval = Array.from({ length: POLICIES.approval }, (_, index) => ({
    ...about('Approval', index),
    ...PLAIN,
    targets: index === 0 ? [`OU:${organization.root.id}`] : targets(),
    includeNestedOus: index === 0 || draw.chance(0.4),
    permissionSets: draw.chance(0.3) ? draw.some(roles, 1, 4) : [],
    requesterGroups: draw.chance(0.2) ? draw.some(groups, 1, 2) : [],
    broaderMayDecide: draw.chance(0.5),
    steps: Array.from({ length: draw.chance(0.1) ? 2 : 1 }, () => ({
      approvers: draw.some(groups, 1, 3).map((id) => `GROUP:${id}`),
      approvalsNeeded: draw.chance(0.1) ? 2 : 1,
    })),
  }));
  const guardrails = Array.from({ length: POLICIES.guardrails }, (_, index) => ({
    ...about('Guardrail', index),
    ticket: '',
    permissionSets: draw.some(roles, 1, 5),
    targets: draw.chance(0.5) ? draw.some(units, 1, 2) : [],
    neverSelfServed: draw.chance(0.5),
    maxDurationMinutes: 120,
  }));
  return { eligibility, approval, guardrails };
}

function unitsOf(unit: OrganizationalUnit): OrganizationalUnit[] {
  return [unit, ...unit.children.flatMap(unitsOf)];
}

/** Draws that are the same at every run: a linear congruential generator (Numerical Recipes). */
export function drawFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const one = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(next() * items.length)];
    if (item === undefined) throw new Error('nothing to draw from');
    return item;
  };
  return {
    one,
    chance: (share: number) => next() < share,
    /** Between `least` and `most` of them, each once. */
    some: <Item>(items: readonly Item[], least: number, most: number): Item[] => [
      ...new Set(Array.from({ length: least + Math.floor(next() * (most - least + 1)) }, () => one(items))),
    ],
  };
}
