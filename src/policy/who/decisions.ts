import type { Tx } from '../../platform/db.ts';
import type { Place, Policies } from '../compile.ts';
import { type Names, readNames } from '../names.ts';
import { type Kind, kindsOfRequest } from '../takers.ts';
import type { PolicyRef } from '../types.ts';
import { readStepPeople, type StepPeople } from './people.ts';

export interface Decision {
  /** 'For members of Payments Engineers', 'For everyone else'. */
  whose: string;
  steps: StepPeople[];
  policies: PolicyRef[];
}

const DECISIONS_SHOWN = 20;

/** Who decides on requests for an account, case by case. `more`: cases that are left out. */
export async function readDecisions(
  tx: Tx,
  policies: Policies,
  place: Place,
  permissionSetArn: string | null,
  now: Date,
): Promise<{ decisions: Decision[]; more: number; groupsApart: boolean }> {
  const kinds = kindsOfRequest(policies, place, permissionSetArn, now);
  const shown = kinds.slice(-DECISIONS_SHOWN);
  const names = await readNames(
    tx,
    shown.flatMap(({ permissionSetArn: arn, requesterGroup, requirement: { steps } }) => [
      ...(arn === null ? [] : [arn]),
      ...(requesterGroup === null ? [] : [`GROUP:${requesterGroup}`]),
      ...steps.flatMap((step) => step.approvers),
    ]),
  );
  const rolesApart = kinds.some((kind) => kind.permissionSetArn !== null);
  const { steps: people } = await readStepPeople(
    tx,
    shown.flatMap(({ requirement }) => requirement.steps),
    '',
    names,
  );
  const decisions = shown.map((kind): Decision => {
    const siblings = kinds.filter((each) => each.permissionSetArn === kind.permissionSetArn);
    return {
      whose: whoseRequests(kind, names, { groupsApart: siblings.length > 1, rolesApart }),
      steps: people.splice(0, kind.requirement.steps.length),
      policies: kind.requirement.policies,
    };
  });
  return {
    decisions,
    more: kinds.length - shown.length,
    groupsApart: kinds.some((kind) => kind.requesterGroup !== null),
  };
}

function whoseRequests(
  { permissionSetArn, requesterGroup }: Kind,
  names: Names,
  { groupsApart, rolesApart }: { groupsApart: boolean; rolesApart: boolean },
): string {
  const others = groupsApart ? 'everyone else' : 'everyone';
  const who = requesterGroup === null ? others : `members of ${names.of(`GROUP:${requesterGroup}`).name}`;
  if (permissionSetArn !== null) return `For ${who} who asks for ${names.of(permissionSetArn).name}`;
  return rolesApart ? `For ${who} who asks for any other role` : `For ${who}`;
}
