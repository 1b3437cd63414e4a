import type { FieldErrors } from '../platform/errors.ts';
import { formatMinutes } from '../platform/time.ts';
import type { Names } from './names.ts';
import type { ApprovalPolicy, EligibilityPolicy, PolicyContent } from './types.ts';

type EligibilityDraft = PolicyContent<EligibilityPolicy>;
type ApprovalDraft = PolicyContent<ApprovalPolicy>;

/** What the checks need to know besides the draft. */
export interface Facts {
  names: Names;
  nameTaken: boolean;
  maxDurationMinutes: number;
}

/** One sentence for each field of the eligibility policy that is not right. */
export function eligibilityMistakes(draft: EligibilityDraft, facts: Facts): FieldErrors {
  const mistakes = commonMistakes(draft, facts);
  if (draft.principals.length === 0) mistakes.principals = 'Choose at least one person or group.';
  else note(mistakes, 'principals', unknown(draft.principals, facts.names));
  if (draft.permissionSets.length === 0) mistakes.permissionSets = 'Choose at least one role.';
  if (!Number.isInteger(draft.maxDurationMinutes) || draft.maxDurationMinutes < 1) {
    mistakes.maxDurationMinutes = 'The longest duration is a whole number of minutes, 1 or more.';
  } else if (draft.maxDurationMinutes > facts.maxDurationMinutes) {
    mistakes.maxDurationMinutes = `The portal allows ${formatMinutes(facts.maxDurationMinutes)} (${facts.maxDurationMinutes} minutes) at most. Choose less, or raise the maximum in the settings first.`;
  }
  return mistakes;
}

/** One sentence for each field of the approval policy that is not right. */
export function approvalMistakes(draft: ApprovalDraft, facts: Facts): FieldErrors {
  const mistakes = commonMistakes(draft, facts);
  note(
    mistakes,
    'requesterGroups',
    unknown(
      draft.requesterGroups.map((id) => `GROUP:${id}`),
      facts.names,
    ),
  );
  if (draft.steps.length === 0) mistakes.approvers = 'Choose at least one person or group who decides.';
  for (const { approvers, approvalsNeeded } of draft.steps) {
    if (approvers.length === 0) mistakes.approvers = 'Choose at least one person or group who decides.';
    else note(mistakes, 'approvers', unknown(approvers, facts.names));
    if (!Number.isInteger(approvalsNeeded) || approvalsNeeded < 1) {
      mistakes.approvalsNeeded = 'The number of approvals is a whole number, 1 or more.';
    } else if (
      approvers.every((ref) => ref.startsWith('USER:')) &&
      approvalsNeeded > approvers.length &&
      approvers.length > 0
    ) {
      // Of a group nobody knows how many are in it next week; the request says if they are too few then.
      mistakes.approvalsNeeded = `Only ${approvers.length === 1 ? 'one person is' : `${approvers.length} people are`} named to decide, so ${approvalsNeeded} approvals could never be given. Name more people or ask for fewer approvals.`;
    }
  }
  return mistakes;
}

function commonMistakes(draft: EligibilityDraft | ApprovalDraft, { names, nameTaken }: Facts): FieldErrors {
  const mistakes: FieldErrors = {};
  if (draft.name.length < 1 || draft.name.length > 100)
    mistakes.name = 'Give the policy a name of 1 to 100 characters.';
  else if (nameTaken) mistakes.name = 'Another policy has this name. Choose a name that says how this one differs.';
  if (draft.targets.length === 0) mistakes.targets = 'Choose at least one account or OU.';
  else note(mistakes, 'targets', unknown(draft.targets, names));
  note(mistakes, 'permissionSets', unknown(draft.permissionSets, names));
  return mistakes;
}

function note(mistakes: FieldErrors, field: string, sentence: string | null): void {
  if (sentence !== null) mistakes[field] = sentence;
}

function unknown(refs: string[], names: Names): string | null {
  const gone = names.all(refs).filter((named) => !named.known);
  const [first] = gone;
  if (!first) return null;
  if (gone.length === 1)
    return `The ${first.kind} ${first.name} does not exist in the directory. Remove it from the choice.`;
  return `${gone.map((named) => `${named.kind} ${named.name}`).join(', ')} do not exist in the directory. Remove them from the choice.`;
}
