import type { FieldErrors } from '../../platform/errors.ts';
import { formatMinutes } from '../../platform/time.ts';
import type { Names } from '../names.ts';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail, PolicyContent } from '../types.ts';
import { ENDS_TOO_EARLY } from './moments.ts';
import { MOST_STEPS, stepField } from './steps.ts';

type EligibilityDraft = PolicyContent<EligibilityPolicy>;
type ApprovalDraft = PolicyContent<ApprovalPolicy>;
type GuardrailDraft = PolicyContent<Guardrail>;

/** What the checks need to know besides the draft. */
export interface Facts {
  names: Names;
  nameTaken: boolean;
  maxDurationMinutes: number;
  /** What the policy named before this change. That some of it is gone since must not stop any other change. */
  before: ReadonlySet<string>;
}

/** One sentence for each field of the eligibility policy that is not right. */
export function eligibilityMistakes(draft: EligibilityDraft, facts: Facts): FieldErrors {
  const mistakes = { ...aboutMistakes(draft, facts, 'policy'), ...placeMistakes(draft, facts) };
  if (draft.principals.length === 0) mistakes.principals = 'Choose at least one person or group.';
  else note(mistakes, 'principals', unknown(draft.principals, facts));
  if (draft.permissionSets.length === 0) mistakes.permissionSets = 'Choose at least one role.';
  const most = facts.maxDurationMinutes;
  if (!isCount(draft.maxDurationMinutes)) {
    mistakes.maxDurationMinutes = 'The longest duration is a whole number of minutes, 1 or more.';
  } else if (draft.maxDurationMinutes > most) {
    mistakes.maxDurationMinutes = `The portal allows ${formatMinutes(most)} (${most} minutes) at most. Choose less, or raise the maximum in the settings first.`;
  }
  return mistakes;
}

/** One sentence for each field of the approval policy that is not right. */
export function approvalMistakes(draft: ApprovalDraft, facts: Facts): FieldErrors {
  const mistakes = { ...aboutMistakes(draft, facts, 'policy'), ...placeMistakes(draft, facts) };
  const groups = draft.requesterGroups.map((id) => `GROUP:${id}`);
  note(mistakes, 'requesterGroups', unknown(groups, facts));
  if (draft.steps.length === 0) mistakes.approvers = 'Choose at least one person or group who decides.';
  if (draft.steps.length > MOST_STEPS) mistakes.form = `A policy has at most ${MOST_STEPS} steps.`;
  for (const [index, { approvers, approvalsNeeded }] of draft.steps.entries()) {
    const [who, number] = [stepField('approvers', index), stepField('approvalsNeeded', index)];
    if (approvers.length === 0) mistakes[who] = 'Choose at least one person or group who decides.';
    else note(mistakes, who, unknown(approvers, facts));
    if (!isCount(approvalsNeeded)) {
      mistakes[number] = 'The number of approvals is a whole number, 1 or more.';
    } else if (
      approvers.every((ref) => ref.startsWith('USER:')) &&
      approvalsNeeded > approvers.length &&
      approvers.length > 0
    ) {
      // Of a group nobody knows how many are in it next week; the request says if they are too few then.
      mistakes[number] =
        `Only ${approvers.length === 1 ? 'one person is' : `${approvers.length} people are`} named to decide, so ${approvalsNeeded} approvals could never be given. Name more people or ask for fewer approvals.`;
    }
  }
  return mistakes;
}

/** One sentence for each field of the guardrail that is not right. */
export function guardrailMistakes(draft: GuardrailDraft, facts: Facts): FieldErrors {
  const mistakes = aboutMistakes(draft, facts, 'guardrail');
  note(mistakes, 'permissionSets', unknown(draft.permissionSets, facts));
  note(mistakes, 'targets', unknown(draft.targets, facts));
  if (draft.permissionSets.length === 0 && draft.targets.length === 0) {
    mistakes.permissionSets =
      'Choose roles, places or both. What is meant for every role everywhere belongs into the settings.';
  }
  if (draft.maxDurationMinutes !== null && !isCount(draft.maxDurationMinutes)) {
    mistakes.maxDurationMinutes = 'The longest duration is a whole number of minutes, 1 or more, or empty.';
  } else if (!draft.neverSelfServed && draft.maxDurationMinutes === null) {
    mistakes.neverSelfServed =
      'A guardrail limits something: tick that approval is always needed, give a longest duration, or both.';
  }
  return mistakes;
}

function aboutMistakes(draft: { name: string }, { nameTaken }: Facts, what: string): FieldErrors {
  const mistakes: FieldErrors = {};
  if (draft.name.length < 1 || draft.name.length > 100)
    mistakes.name = `Give the ${what} a name of 1 to 100 characters.`;
  else if (nameTaken) mistakes.name = `Another ${what} has this name. Choose a name that says how this one differs.`;
  return mistakes;
}

function placeMistakes(draft: EligibilityDraft | ApprovalDraft, facts: Facts): FieldErrors {
  const mistakes: FieldErrors = {};
  if (draft.targets.length === 0) mistakes.targets = 'Choose at least one account or OU.';
  else note(mistakes, 'targets', unknown(draft.targets, facts));
  const both = facts.names.all(draft.exclusions.filter((ref) => draft.targets.includes(ref)));
  if (both.length > 0) {
    mistakes.exclusions = `${both.map(({ name }) => name).join(', ')} ${both.length === 1 ? 'is' : 'are'} chosen under Where and excepted as well. Take ${both.length === 1 ? 'it' : 'them'} out of one of the two.`;
  } else note(mistakes, 'exclusions', unknown(draft.exclusions, facts));
  note(mistakes, 'permissionSets', unknown(draft.permissionSets, facts));
  if (draft.startsAt !== null && draft.endsAt !== null && draft.endsAt <= draft.startsAt) {
    mistakes.endsAt = ENDS_TOO_EARLY;
  }
  return mistakes;
}

function isCount(number: number): boolean {
  return Number.isInteger(number) && number >= 1;
}

function note(mistakes: FieldErrors, field: string, sentence: string | null): void {
  if (sentence !== null) mistakes[field] = sentence;
}

function unknown(refs: string[], { names, before }: Facts): string | null {
  const gone = names.all(refs).filter((named) => !named.known && !before.has(named.ref));
  const [first] = gone;
  if (!first) return null;
  if (gone.length === 1)
    return `The ${first.kind} ${first.name} does not exist in the directory. Remove it from the choice.`;
  return `${gone.map((named) => `${named.kind} ${named.name}`).join(', ')} do not exist in the directory. Remove them from the choice.`;
}
