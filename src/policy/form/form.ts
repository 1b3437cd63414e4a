import { z } from 'zod';
import type { FieldErrors } from '../../platform/errors.ts';
import { checkbox, optionalText, readForm, repeated, text } from '../../web/index.ts';
import type { ApprovalPolicy, ApprovalStep, EligibilityPolicy, Guardrail, PolicyContent } from '../types.ts';
import { type Fields, one } from './field-values.ts';
import { ENDS_TOO_EARLY, readMoment } from './moments.ts';
import { stepField, stepsOf } from './steps.ts';

/** More than any policy needs, and less than a form may weigh. */
const MOST_CHOICES = 500;

/** What a form says, or one sentence for each wrong field. */
export type Read<Content> = { ok: true; content: Content } | { ok: false; errors: FieldErrors };

/** Reads the form of an eligibility policy. Times are local to the zone. */
export function readEligibility(fields: Fields, timeZone: string): Read<PolicyContent<EligibilityPolicy>> {
  return readWithTimes(EligibilityForm, fields, timeZone);
}

/** Reads the form of an approval policy with its steps. */
export function readApproval(fields: Fields, timeZone: string): Read<PolicyContent<ApprovalPolicy>> {
  const form = readWithTimes(ApprovalForm, fields, timeZone);
  const errors: FieldErrors = form.ok ? {} : form.errors;
  const steps: ApprovalStep[] = [];
  for (const [index, { approvers, approvalsNeeded }] of stepsOf(fields).entries()) {
    const step = readForm(StepForm, { approvers, approvalsNeeded });
    if (step.ok) steps.push(step.values);
    else {
      for (const name of ['approvers', 'approvalsNeeded'] as const) {
        const sentence = step.errors[name];
        if (sentence !== undefined) errors[stepField(name, index)] = sentence;
      }
    }
  }
  return form.ok && Object.keys(errors).length === 0
    ? { ok: true, content: { ...form.content, steps } }
    : { ok: false, errors };
}

/** Reads the form of a guardrail. */
export function readGuardrail(fields: Fields): Read<PolicyContent<Guardrail>> {
  const form = readForm(GuardrailForm, fields);
  return form.ok ? { ok: true, content: form.values } : form;
}

function readWithTimes<Schema extends z.ZodType>(
  schema: Schema,
  fields: Fields,
  timeZone: string,
): Read<z.output<Schema>> {
  const start = readMoment(one(fields, 'startsAt'), one(fields, 'startsAtOffset'), timeZone);
  const end = readMoment(one(fields, 'endsAt'), one(fields, 'endsAtOffset'), timeZone);
  const iso = (at: Date | null) => at?.toISOString() ?? '';
  const form = readForm(schema, { ...fields, startsAt: iso(start.at), endsAt: iso(end.at) });
  const errors: FieldErrors = form.ok ? {} : form.errors;
  if (start.error) errors.startsAt = start.error;
  if (end.error) errors.endsAt = end.error;
  else if (start.at && end.at && end.at <= start.at) errors.endsAt = ENDS_TOO_EARLY;
  return form.ok && Object.keys(errors).length === 0 ? { ok: true, content: form.values } : { ok: false, errors };
}

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
/** An instant as text, which `readWithTimes` has made of what was typed. */
const instant = z
  .string()
  .default('')
  .transform((text) => (text === '' ? null : new Date(text)));
/** Who leaves the field out knows nothing of policies that are switched off, and means one that holds. */
const enabled = z.preprocess((value) => value === undefined || (value !== '' && value !== 'false'), z.boolean());

const about = {
  name: text({ max: 100, missing: 'Give it a name.' }).regex(/^[^\n\t]*$/, 'The name is one line.'),
  note: optionalText(2_000),
  ticket: optionalText(100),
};

const common = {
  ...about,
  targets: atLeastOne(targets, 'Choose at least one account or OU.'),
  exclusions: targets,
  includeNestedOus: checkbox(),
  enabled,
  startsAt: instant,
  endsAt: instant,
};

const EligibilityForm = z.object({
  ...common,
  principals: atLeastOne(principals, 'Choose at least one person or group.'),
  permissionSets: atLeastOne(permissionSets, 'Choose at least one role.'),
  maxDurationMinutes: wholeNumber('The longest duration is a whole number of minutes, 1 or more.'),
  approvalRequired: checkbox(),
  ticketRequired: checkbox(),
});

const ApprovalForm = z.object({ ...common, permissionSets, requesterGroups: groups, broaderMayDecide: checkbox() });

/** More people than anybody can gather for one step are a slip of the finger. */
const MOST_APPROVALS = 20;
const APPROVALS_NEEDED = `The number of approvals is a whole number from 1 to ${MOST_APPROVALS}.`;

const StepForm = z.object({
  approvers: atLeastOne(principals, 'Choose at least one person or group who decides.'),
  approvalsNeeded: wholeNumber(APPROVALS_NEEDED).refine((number) => number <= MOST_APPROVALS, APPROVALS_NEEDED),
});

const GuardrailForm = z.object({
  ...about,
  permissionSets,
  targets,
  neverSelfServed: checkbox(),
  maxDurationMinutes: z.preprocess(
    (value) => (typeof value === 'string' && value.trim() === '' ? undefined : value),
    wholeNumber('The longest duration is a whole number of minutes, 1 or more, or empty.')
      .optional()
      .transform((minutes) => minutes ?? null),
  ),
});

const reopen = 'The form is incomplete. Open the policy again and change it there.';

/** The version that the person saw, of a policy that is changed or deleted. */
export const VersionForm = z.object({
  version: z
    .string(reopen)
    .regex(/^\d{1,9}$/, reopen)
    .transform(Number),
});
