import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { Ask, EligibilityPolicy, Subject } from '../../src/policy/index.ts';

/**
 * Whether someone is eligible, by Cedar: the same eligibility policies as permits, parsed once, with the entities of
 * one ask handed over as any user of Cedar would. Guardrails and approval are left out, so that Cedar has less to do.
 */
export function cedarJudge(policies: EligibilityPolicy[]): (subject: Subject, ask: Ask) => boolean {
  const parsed = preparsePolicySet('bench', { staticPolicies: policies.map(permitOf).join('\n') });
  if (parsed.type === 'failure') throw new Error(parsed.errors.map((error) => error.message).join('\n'));
  return (subject, ask) => {
    const parent = ask.ancestorIds.at(-1) ?? '';
    const answer = statefulIsAuthorized({
      preparsedPolicySetId: 'bench',
      principal: { type: 'User', id: subject.userId },
      action: { type: 'Action', id: 'request' },
      resource: { type: 'Account', id: ask.accountId },
      context: { role: ask.permissionSetArn, minutes: ask.durationMinutes, ticket: ask.ticketGiven },
      entities: [
        {
          uid: { type: 'User', id: subject.userId },
          attrs: {},
          parents: subject.groupIds.map((id) => ({ type: 'Group', id })),
        },
        {
          uid: { type: 'Account', id: ask.accountId },
          attrs: {},
          parents: [{ type: 'Parent', id: parent }, ...ask.ancestorIds.map((id) => ({ type: 'Ou', id }))],
        },
      ],
    });
    if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('\n'));
    return answer.response.decision === 'allow';
  };
}

function permitOf(policy: EligibilityPolicy): string {
  const placed = (refs: string[], unit: string) =>
    refs.map((ref) => {
      const [kind, id] = [ref.slice(0, ref.indexOf(':')), ref.slice(ref.indexOf(':') + 1)];
      return entity(kind === 'ACCOUNT' ? 'Account' : unit, id);
    });
  const principals = policy.principals.map((ref) =>
    ref.startsWith('GROUP:') ? entity('Group', ref.slice('GROUP:'.length)) : entity('User', ref.slice('USER:'.length)),
  );
  const conditions = [
    `principal in [${principals.join(', ')}]`,
    `resource in [${placed(policy.targets, policy.includeNestedOus ? 'Ou' : 'Parent').join(', ')}]`,
    ...(policy.exclusions.length > 0 ? [`!(resource in [${placed(policy.exclusions, 'Ou').join(', ')}])`] : []),
    `[${policy.permissionSets.map((arn) => JSON.stringify(arn)).join(', ')}].contains(context.role)`,
    `context.minutes <= ${policy.maxDurationMinutes}`,
    ...(policy.ticketRequired ? ['context.ticket'] : []),
  ];
  return `permit(principal, action == Action::"request", resource) when { ${conditions.join(' && ')} };`;
}

function entity(type: string, id: string): string {
  return `${type}::${JSON.stringify(id)}`;
}
