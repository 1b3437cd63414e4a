import {
  type Account,
  type PermissionSet,
  readAvailability,
  type User,
  whyUnavailable,
} from '../../directory/index.ts';
import type { Tx } from '../../platform/db.ts';
import { formatMinutes } from '../../platform/time.ts';
import { requirement } from '../approval.ts';
import { type Policies, principalsOf } from '../compile.ts';
import { explain } from '../explain.ts';
import { allowance, inWords } from '../in-words.ts';
import { loadPolicies } from '../load-store.ts';
import { type Names, readNames } from '../names.ts';
import { approvalInWords, guardrailInWords, lackInWords, refsIn } from '../reasons.ts';
import type { PolicyLimits, PolicyRef, Subject } from '../types.ts';
import type { WhoQuery } from './input.ts';
import { readStepPeople, type StepPeople } from './people.ts';

/** May this person have this role in this account, and why: what `views/policy/_who-verdict` shows. */
export interface WhoAnswer {
  allowed: boolean;
  /** In one line. */
  headline: string;
  /** What the person would be told; empty where it is allowed. */
  told: string;
  /** Reasons that lie outside of the policies: the account, the role, the person themselves. */
  obstacles: string[];
  /** The rule for the person in words, as their own form has it. */
  sentence: string;
  letting: { policy: PolicyRef; says: string }[];
  nearMisses: { policy: PolicyRef; lacks: string[] }[];
  /** How many more there are. */
  moreMisses: number;
  guardrails: { policy: PolicyRef; says: string }[];
  approvalNeeded: boolean;
  steps: StepPeople[];
  approval: { policy: PolicyRef; says: string; applies: boolean }[];
  longestMinutes: number;
  longestWithoutApprovalMinutes: number;
  ticketNeeded: boolean;
}

export interface Situation {
  limits: PolicyLimits;
  now: Date;
  formatDate(at: Date): string;
}

/** So many near misses are named: the nearest. */
const SHOWN = 20;

/** Answers for one person by these memberships. */
export async function readWhoAnswer(
  tx: Tx,
  asked: { user: User; groupIds: string[]; account: Account; role: PermissionSet },
  { durationMinutes, ticket }: Pick<WhoQuery, 'durationMinutes' | 'ticket'>,
  { limits, now, formatDate }: Situation,
): Promise<WhoAnswer> {
  const { user, groupIds, account, role } = asked;
  const policies = await loadPolicies(tx);
  const subject = { userId: user.id, groupIds };
  const ask = {
    accountId: account.id,
    ancestorIds: account.ancestorIds,
    permissionSetArn: role.arn,
    durationMinutes,
    ticketGiven: ticket !== '',
  };
  const { steps } = requirement(policies, subject, ask, now);
  const approvers = await readNames(
    tx,
    steps.flatMap((step) => step.approvers),
  );
  const people = await readStepPeople(tx, steps, user.id, approvers);
  const told = explain(policies, subject, ask, limits, now, people);
  const shown = told.nearMisses.slice(0, SHOWN);
  const others = told.approval.flatMap((each) => (each.part === 'none' ? each.lacks : []));
  const names = await readNames(tx, [
    ...refsIn([...shown.flatMap(({ lacks }) => lacks), ...others]),
    ...groupIds.map((id) => `GROUP:${id}`),
  ]);
  const { verdict } = told;
  const nameOf = (ref: string) => names.of(ref).name;
  const words = { person: user.displayName, role: role.name, nameOf, formatDate };
  const unavailable = whyUnavailable({ account, permissionSet: role }, await readAvailability(tx));
  const obstacles = [
    unavailable,
    user.enabled ? null : `${user.displayName} is disabled in Identity Center and cannot sign in.`,
  ].filter((each) => each !== null);
  const allowed = verdict.allowed && obstacles.length === 0;
  const approverName = (ref: string) => (approvers.of(ref).known ? approvers.of(ref).name : null);
  return {
    allowed,
    headline: headlineOf(allowed, verdict.approvalNeeded),
    told: unavailable !== null && verdict.code !== 'not-eligible' ? unavailable : verdict.reason,
    obstacles,
    sentence:
      unavailable === null ? inWords(allowance(policies, subject, ask, limits, now), role.name, approverName) : '',
    letting: told.letting.map((policy) => ({ policy, says: givesInWords(policies, policy, subject, names) })),
    nearMisses: shown.map(({ policy, lacks }) => ({
      policy,
      lacks: lacks.map((lack) => lackInWords(lack, words)),
    })),
    moreMisses: told.nearMisses.length - shown.length,
    guardrails: told.guardrails.map((each) => ({
      policy: { id: each.id, version: each.version, name: each.name, kind: 'guardrail' },
      says: guardrailInWords(each),
    })),
    approvalNeeded: verdict.approvalNeeded,
    steps: people.steps,
    approval: told.approval.map((each) => ({
      policy: each.policy,
      says: approvalInWords(each, words),
      applies: each.part === 'applies',
    })),
    longestMinutes: verdict.longestMinutes,
    longestWithoutApprovalMinutes: verdict.longestWithoutApprovalMinutes,
    ticketNeeded: verdict.ticketNeeded,
  };
}

function headlineOf(allowed: boolean, approvalNeeded: boolean): string {
  if (!allowed) return 'Not allowed';
  return approvalNeeded ? 'Allowed, with approval' : 'Allowed without approval';
}

/** What a policy gives to the person, said after its name: 'up to 2 h after approval, through Developers'. */
function givesInWords(policies: Policies, { id }: PolicyRef, subject: Subject, names: Names): string {
  const policy = policies.eligibility.find((each) => each.policy.id === id)?.policy;
  if (!policy) return '';
  const own = new Set(principalsOf(subject));
  const through = policy.principals
    .filter((ref) => own.has(ref))
    .map((ref) => (ref.startsWith('USER:') ? 'their own name' : names.of(ref).name));
  const approval = policy.approvalRequired ? 'after approval' : 'without approval';
  const ticket = policy.ticketRequired ? ' and with a ticket' : '';
  return `up to ${formatMinutes(policy.maxDurationMinutes)} ${approval}${ticket}, through ${through.join(', ')}`;
}
