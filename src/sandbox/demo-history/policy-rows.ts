import { randomUUID } from 'node:crypto';
import type { ApprovalPolicy, EligibilityPolicy, Guardrail } from '../../policy/index.ts';
import { DEFAULT_SETTINGS } from '../../settings/index.ts';
import { APPROVAL_POLICIES } from './approval-policies.ts';
import { person } from './company.ts';
import { ELIGIBILITY_POLICIES } from './eligibility-policies.ts';
import { GUARDRAILS } from './guardrails.ts';
import { ADMIN, type PolicyStory } from './policy-story.ts';
import { auditEvent, byPerson, type Row } from './rows.ts';
import { DEMO_SETTINGS } from './settings.ts';
import { plusMinutes } from './story.ts';

export interface PolicyRows {
  settings: Row[];
  eligibility: object[];
  approval: object[];
  guardrails: object[];
  versions: Row[];
  events: (Row & { at: Date })[];
  /** All policies that requests of the history rest on, the deleted ones too. */
  policies: { eligibility: EligibilityPolicy[]; approval: ApprovalPolicy[]; guardrails: Guardrail[] };
}

const DAY = 1_440;

/** Policies and settings with every version and event, as the admins left them. */
export function policyRows(now: Date): PolicyRows {
  const eligibility = ELIGIBILITY_POLICIES.map((story) => told('eligibility', story, now));
  const approval = APPROVAL_POLICIES.map((story) => told('approval', story, now));
  const guardrails = GUARDRAILS.map((story) => told('guardrail', story, now));
  const all = [...eligibility, ...approval, ...guardrails];
  const settings = settingsRows(plusMinutes(now, -90 * DAY));
  return {
    settings: [settings.row],
    eligibility: eligibility.flatMap((each) => each.row),
    approval: approval.flatMap((each) => each.row),
    guardrails: guardrails.flatMap((each) => each.row),
    versions: all.flatMap((each) => each.versions),
    events: [settings.event, ...all.flatMap((each) => each.events)],
    policies: {
      eligibility: eligibility.map((each) => each.policy),
      approval: approval.map((each) => each.policy),
      guardrails: guardrails.map((each) => each.policy),
    },
  };
}

function told<C extends { name: string; ticket: string }>(
  kind: 'eligibility' | 'approval' | 'guardrail',
  { content, by, daysAgo, changed, deletedMinutesAgo }: PolicyStory<C>,
  now: Date,
) {
  const id = randomUUID();
  const subject = { kind: kind === 'guardrail' ? kind : `${kind}-policy`, id };
  const versions: Row[] = [];
  const events: (Row & { at: Date })[] = [];
  let before: object | undefined;
  const step = (what: 'created' | 'changed' | 'deleted', at: Date, userName: string, document: object | null) => {
    const author = person(userName);
    const version = versions.length + 1;
    const after = document && inOrder(document);
    versions.push({
      policyId: id,
      version,
      kind,
      document: after,
      name: content.name,
      ticket: content.ticket,
      changedAt: at,
      changedById: author.id,
      changedByName: author.name,
    });
    events.push(
      auditEvent(at, `${subject.kind}.${what}`, byPerson(author), subject, {
        ...(before ? { before: { version: version - 1, ...before } } : {}),
        ...(after ? { after: { version, ...after } } : {}),
      }),
    );
    before = after ?? undefined;
    return { at, author };
  };

  // Nobody writes all policies at the same time of day.
  const onDay = (ago: number) => plusMinutes(now, -ago * DAY - content.name.length * 7);
  const createdAt = onDay(daysAgo);
  let last = step('created', createdAt, by, { ...content, ...changed?.before });
  if (changed) last = step('changed', onDay(changed.daysAgo), changed.by, content);
  const version = versions.length;
  const policy = { ...content, id, version };
  const row = {
    ...policy,
    createdAt,
    updatedAt: last.at,
    updatedById: last.author.id,
    updatedByName: last.author.name,
  };
  if (deletedMinutesAgo === undefined) return { policy, row: [row], versions, events };
  step('deleted', plusMinutes(now, -deletedMinutesAgo), ADMIN, null);
  return { policy, row: [], versions, events };
}

/** What the policy says, in the same order of fields for every version. */
function inOrder(content: object): object {
  return Object.fromEntries(Object.entries(content).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function settingsRows(at: Date) {
  const admin = person(ADMIN);
  const names = (Object.keys(DEMO_SETTINGS) as (keyof typeof DEMO_SETTINGS)[]).filter(
    (name) => DEMO_SETTINGS[name] !== DEFAULT_SETTINGS[name],
  );
  const pick = (from: typeof DEMO_SETTINGS) => Object.fromEntries(names.map((name) => [name, from[name]]));
  return {
    row: {
      id: true,
      value: DEMO_SETTINGS,
      version: 1,
      updatedAt: at,
      updatedById: admin.id,
      updatedByName: admin.name,
    },
    event: auditEvent(
      at,
      'settings.changed',
      byPerson(admin),
      { kind: 'settings', id: 'settings' },
      {
        before: pick(DEFAULT_SETTINGS),
        after: { ...pick(DEMO_SETTINGS), version: 1 },
      },
    ),
  };
}
