import {
  type Account,
  type Availability,
  findAccount,
  findPermissionSet,
  type PermissionSet,
  readAvailability,
  type User,
  whyUnavailable,
} from '../directory/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import {
  evaluate,
  loadPolicies,
  type Policies,
  resolveSteps,
  type Subject,
  type Verdict,
  vanishedApprovers,
  withApprovers,
} from '../policy/index.ts';
import { readSettings, type Settings } from '../settings/index.ts';

/** What may be said of an ask, with everything that it was judged by. */
export interface Judgement {
  verdict: Verdict;
  /** Null where the copy does not have it, or no longer as something that can be asked for. */
  account: Account | null;
  permissionSet: PermissionSet | null;
  /** Who could decide, besides the requester, step by step. */
  perStep: User[][];
  settings: Settings;
}

interface Ask {
  accountId: string;
  permissionSetArn: string;
  durationMinutes: number;
  ticketGiven: boolean;
}

/** What an ask is judged by. */
export interface Facts {
  settings: Settings;
  policies: Policies;
  account: Account | null;
  permissionSet: PermissionSet | null;
  availability: Availability;
  now: Date;
}

/**
 * The settings for what was asked for before. The durations that the form offers limit it no more: an approver may have
 * shortened it to another one, and the setting may have changed since.
 */
export function lasting(settings: Settings): Settings {
  return { ...settings, allowedDurationsMinutes: [] };
}

/**
 * Judges what is asked for by the policies, settings and directory copy as they are in this transaction.
 * `subject` holds the memberships that the caller trusts: Identity Center's own for a submission, the copy's for a form.
 * `limits`: the settings as they limit this ask.
 */
export async function judge(
  tx: Tx,
  subject: Subject,
  ask: Ask,
  limits: (settings: Settings) => Settings = (settings) => settings,
): Promise<Judgement> {
  // One after the other: a transaction has one connection.
  const { settings } = await readSettings(tx);
  const policies = await loadPolicies(tx);
  const account = await findAccount(tx, ask.accountId);
  const permissionSet = await findPermissionSet(tx, ask.permissionSetArn);
  const availability = await readAvailability(tx);
  const now = await appNow(tx);
  const facts = { settings: limits(settings), policies, account, permissionSet, availability, now };
  return { ...(await judgeWithPeople(tx, facts, subject, ask)), settings };
}

/** The same, for who has read the rest already: asks only who could decide. */
export async function judgeWithPeople(tx: Tx, facts: Facts, subject: Subject, ask: Ask): Promise<Judgement> {
  const { settings } = facts;
  const judged = judgeBy(facts, subject, ask);
  const { verdict } = judged;
  if (judged.account === null || !verdict.approvalNeeded) return { ...judged, perStep: [], settings };
  const perStep = await resolveSteps(tx, verdict.steps, subject.userId);
  const ids = perStep.map((users) => users.map((user) => user.id));
  const asked = withApprovers(verdict, ids, subject.userId);
  if (asked.code !== 'no-approvers') return { ...judged, verdict: asked, perStep, settings };
  const gone = (await vanishedApprovers(tx, verdict.steps)).map(({ name }) => name);
  return { ...judged, verdict: withApprovers(verdict, ids, subject.userId, gone), perStep, settings };
}

/** The same, save for who could decide: for where that was settled before. */
export function judgeBy(
  { settings, policies, account, permissionSet, availability, now }: Facts,
  subject: Subject,
  ask: Ask,
): Pick<Judgement, 'verdict' | 'account' | 'permissionSet'> {
  const verdict = evaluate(policies, subject, { ...ask, ancestorIds: account?.ancestorIds ?? [] }, settings, now);
  const gone = whyGone(account, permissionSet) ?? whyUnavailable({ account, permissionSet }, availability);
  if (gone === null) return { verdict, account, permissionSet };
  // Whoever may not ask for anything there does not learn what is there either.
  const { code, reason } = verdict.code === 'not-eligible' ? verdict : { code: 'unavailable', reason: gone };
  const refused = { ...verdict, allowed: false, code, reason, allowedBy: [] };
  return { verdict: refused, account: null, permissionSet: null };
}

function whyGone(account: Account | null, permissionSet: PermissionSet | null): string | null {
  if (account === null) return 'This account is not known here. Choose another one.';
  if (permissionSet === null) return 'This role is not known here any more. Choose another one.';
  return null;
}
