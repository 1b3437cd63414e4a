import { directoryAge } from '../../directory/index.ts';
import { appNow, type Tx } from '../../platform/db.ts';
import type { FieldErrors } from '../../platform/errors.ts';
import { readSettings } from '../../settings/index.ts';
import { type ProposedChange, waitingFor, waitingToMake } from '../change/change-store.ts';
import type { AnyPolicy } from '../change/kind-of-policy.ts';
import { readNames } from '../names.ts';
import type { Conflict } from './conflict.ts';
import { type Fields, many, one } from './field-values.ts';
import { durationChoices, type PolicyPages } from './kinds.ts';
import { readMoment } from './moments.ts';
import { readPicker } from './picker.ts';
import { readWarnings } from './read-warnings.ts';
import { MOST_STEPS, stepField, stepsOf } from './steps.ts';
import { staleWarnings } from './summary.ts';

/** A policy's form as it stands. */
export interface FormState {
  /** What is edited; null for a new one. */
  policy: { id: string; version: string } | null;
  fields: Fields;
  errors: FieldErrors;
  /** What another admin made of the policy meanwhile. */
  conflict?: Conflict | undefined;
  /** The rejected or withdrawn change that the form was filled with. */
  declined?: ProposedChange | undefined;
}

/** The form of one policy, as `views/policy/edit` shows it. */
export async function readPolicyForm<P extends AnyPolicy>(
  tx: Tx,
  pages: PolicyPages<P>,
  { policy, fields, errors, conflict, declined }: FormState,
  timeZone: string,
) {
  const content = pages.loose(fields, timeZone);
  const references = pages.how.references(content);
  const names = await readNames(tx, references);
  const { settings } = await readSettings(tx);
  const pickers: Record<string, object> = {};
  for (const field of pages.pickers(fields)) {
    const asked = {
      chosen: many(fields, field),
      query: one(fields, `${field}Query`).slice(0, 200),
      openUnit: one(fields, `${field}Open`),
    };
    const picker = await readPicker(tx, field, asked);
    pickers[field] = { ...picker, opened: asked.openUnit !== '', error: errors[field] ?? null };
  }
  return {
    title: policy ? `Edit ${pages.words.one}` : `New ${pages.words.one}`,
    base: pages.base,
    words: pages.words,
    formView: pages.formView,
    policy,
    waiting: policy
      ? await waitingFor(tx, policy.id)
      : await waitingToMake(tx, pages.how.kind, one(fields, 'name').trim()),
    values: Object.fromEntries(SINGLE_FIELDS.map((name) => [name, one(fields, name)])),
    errors,
    conflict: conflict ?? null,
    declined: declined ?? null,
    pickers,
    steps: stepViews(fields, errors),
    mostSteps: MOST_STEPS,
    moments: pages.hasTimes ? MOMENTS.map((moment) => momentView(fields, moment, timeZone)) : [],
    enabled: fields.enabled === undefined ? 'true' : one(fields, 'enabled'),
    stale: staleWarnings(references, names, ''),
    sentence: pages.sentence(content, names, timeZone),
    warnings: await readWarnings(tx, { id: policy?.id ?? null, ...pages.content(content) }, await appNow(tx)),
    // What it leads to where somebody enters it.
    draftAddress: policy ? `${pages.base}/draft?policy=${policy.id}` : `${pages.base}/draft`,
    durations: durationChoices(settings.maxDurationMinutes),
    maxDurationMinutes: settings.maxDurationMinutes,
    approvalEnabled: settings.approvalEnabled,
    ticketNeeded: settings.policyTicketRequired,
    button: settings.secondAdminRequired ? 'Propose change' : pages.words.save,
    age: await directoryAge(tx),
  };
}

const SINGLE_FIELDS = [
  'name',
  'includeNestedOus',
  'maxDurationMinutes',
  'approvalRequired',
  'ticketRequired',
  'broaderMayDecide',
  'neverSelfServed',
  'note',
  'ticket',
  'restoredFrom',
];

function stepViews(fields: Fields, errors: FieldErrors) {
  return stepsOf(fields).map(({ approvalsNeeded }, index) => ({
    number: index + 1,
    approversField: stepField('approvers', index),
    neededField: stepField('approvalsNeeded', index),
    approvalsNeeded,
    error: errors[stepField('approvalsNeeded', index)],
  }));
}

const MOMENTS = [
  { name: 'startsAt', label: 'From', empty: 'Empty: at once.' },
  { name: 'endsAt', label: 'Until', empty: 'Empty: without end.' },
];

function momentView(fields: Fields, { name, label, empty }: (typeof MOMENTS)[number], timeZone: string) {
  const value = one(fields, name);
  const offset = one(fields, `${name}Offset`);
  const { choices } = readMoment(value, offset, timeZone);
  return { name, label, hint: `Time in ${timeZone}. ${empty}`, value, offset, choices };
}
