import { z } from 'zod';
import { checkbox, optionalText, repeated, text } from '../web/index.ts';
import type { ApprovalPolicy, EligibilityPolicy, PolicyContent } from './types.ts';

/** More than any policy needs, and less than a form may weigh. */
const MOST_CHOICES = 500;

function choices(pattern: RegExp) {
  return repeated(z.string().max(200).regex(pattern, 'Choose from the list.'), MOST_CHOICES).transform((all) =>
    [...new Set(all)].sort(),
  );
}

function wholeNumber(sentence: string) {
  return z
    .string(sentence)
    .trim()
    .regex(/^\d{1,6}$/, sentence)
    .transform(Number)
    .refine((number) => number >= 1, sentence);
}

/** At least one, so that a form with several mistakes tells of all of them at once. */
function atLeastOne<Choices extends z.ZodType<string[]>>(list: Choices, sentence: string) {
  return list.refine((all) => all.length > 0, sentence);
}

const principals = choices(/^(USER|GROUP):\S+$/);
const targets = choices(/^(ACCOUNT|OU):\S+$/);
const permissionSets = choices(/^arn:\S+$/);
const groups = choices(/^\S+$/).transform((ids) => ids.map((id) => id.replace(/^GROUP:/, '')));

const common = {
  name: text({ max: 100, missing: 'Give the policy a name.' }).regex(/^[^\n\t]*$/, 'The name is one line.'),
  targets: atLeastOne(targets, 'Choose at least one account or OU.'),
  includeNestedOus: checkbox(),
  permissionSets,
  exclusions: targets,
  enabled: checkbox(),
  startsAt: z.null().default(null),
  endsAt: z.null().default(null),
  ticket: optionalText(100),
  note: optionalText(2_000),
};

export const EligibilityForm = z.object({
  ...common,
  principals: atLeastOne(principals, 'Choose at least one person or group.'),
  permissionSets: atLeastOne(permissionSets, 'Choose at least one role.'),
  maxDurationMinutes: wholeNumber('The longest duration is a whole number of minutes, 1 or more.'),
  approvalRequired: checkbox(),
  ticketRequired: checkbox(),
}) satisfies z.ZodType<PolicyContent<EligibilityPolicy>>;

/** One step is all that the form has yet; its fields stand on their own. */
export const ApprovalForm = z
  .object({
    ...common,
    requesterGroups: groups,
    broaderMayDecide: checkbox(),
    approvers: atLeastOne(principals, 'Choose at least one person or group who decides.'),
    approvalsNeeded: wholeNumber('The number of approvals is a whole number, 1 or more.'),
  })
  .transform(
    ({ approvers, approvalsNeeded, ...rest }): PolicyContent<ApprovalPolicy> => ({
      ...rest,
      steps: [{ approvers, approvalsNeeded }],
    }),
  );

const reopen = 'The form is incomplete. Open the policy again and change it there.';

/** The version that the person saw, of a policy that is changed or deleted. */
export const VersionForm = z.object({
  version: z
    .string(reopen)
    .regex(/^\d{1,9}$/, reopen)
    .transform(Number),
});
