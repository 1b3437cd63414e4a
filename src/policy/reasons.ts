import { formatMinutes } from '../platform/time.ts';
import type { ApprovalLack, ApprovalPart, Elsewhere, Lack, Unheld } from './explain.ts';
import type { Guardrail } from './types.ts';

/** What the reasons call things by, as the reader knows them. */
export interface Wording {
  person: string;
  role: string;
  /** The name of a principal, account or OU; its ID where it no longer exists. */
  nameOf(ref: string): string;
  formatDate(at: Date): string;
}

/** What an eligibility policy lacked, said after its name. For those who may read every policy. */
export function lackInWords(lack: Lack, words: Wording): string {
  switch (lack.missing) {
    case 'principal': {
      const groups = lack.principals.filter((ref) => ref.startsWith('GROUP:'));
      const others = lack.principals.length > groups.length;
      if (groups.length === 0) return `names ${list(lack.principals, words)}, not ${words.person}`;
      const among = groups.length === 1 ? 'is not in' : 'is in none of its groups:';
      return `${words.person} ${among} ${list(groups, words)}${others ? ', nor named by it' : ''}`;
    }
    case 'permission-set':
      return `does not give ${words.role}`;
    case 'duration':
      return durationInWords(lack);
    case 'ticket':
      return lack.portalWide ? 'needs a ticket, as every request in this portal does' : 'needs a ticket';
    case 'target':
    case 'excluded':
      return elsewhereInWords(lack, words);
    default:
      return unheldInWords(lack, words);
  }
}

function durationInWords({ policyMinutes, portalMinutes, guardrails }: Extract<Lack, { missing: 'duration' }>): string {
  const least = Math.min(policyMinutes, portalMinutes, ...guardrails.map((each) => each.maxDurationMinutes));
  if (least === policyMinutes) return `allows ${formatMinutes(policyMinutes)} at most`;
  const guardrail = guardrails.find((each) => each.maxDurationMinutes === least);
  const who = guardrail ? `the guardrail “${guardrail.policy.name}” allows` : 'this portal allows';
  return `allows ${formatMinutes(policyMinutes)}, but ${who} ${formatMinutes(least)} at most`;
}

function elsewhereInWords(lack: Elsewhere, words: Wording): string {
  if (lack.missing === 'excluded') {
    const units = lack.by.filter((ref) => ref.startsWith('OU:'));
    return units.length === lack.by.length
      ? `excludes this account, because it excludes ${list(units, words)}`
      : 'excludes this account';
  }
  if (lack.directOnly.length === 0) return 'does not take this account';
  return `takes only the accounts directly in ${list(lack.directOnly, words)}, and this one lies in an OU below`;
}

function unheldInWords(lack: Unheld, { formatDate }: Wording): string {
  if (lack.missing === 'not-yet') return `holds from ${formatDate(lack.startsAt)}`;
  if (lack.missing === 'over') return `held until ${formatDate(lack.endsAt)}`;
  return 'is switched off';
}

/** What an approval policy has to do with the request, said after its name. */
export function approvalInWords(each: ApprovalPart, words: Wording): string {
  if (each.part === 'applies') return 'applies';
  if (each.part === 'replaced') {
    const by = each.by.map(({ name }) => `“${name}”`).join(', ');
    return `its approvers do not decide here, because ${by} is narrower and keeps broader approvers out; its needed number still counts`;
  }
  const reasons = each.lacks.map((lack) => {
    switch (lack.missing) {
      case 'permission-set':
        return `is not about ${words.role}`;
      case 'requester': {
        const groups = lack.requesterGroups.map((id) => `GROUP:${id}`);
        return `is only for requests by members of ${list(groups, words, 'or')}`;
      }
      case 'target':
      case 'excluded':
        return elsewhereInWords(lack, words);
      default:
        return unheldInWords(lack, words);
    }
  });
  return `does not apply: it ${reasons.join(', and ')}`;
}

/** What a guardrail does to the requests that it takes. */
export function guardrailInWords(guardrail: Pick<Guardrail, 'neverSelfServed' | 'maxDurationMinutes'>): string {
  const { neverSelfServed, maxDurationMinutes } = guardrail;
  const says = [
    neverSelfServed && 'makes approval necessary, whatever a policy says',
    maxDurationMinutes !== null && `allows ${formatMinutes(maxDurationMinutes)} at most`,
  ];
  return says.filter(Boolean).join(', and ') || 'changes nothing';
}

/** Every principal, account and OU that the words for these name. */
export function refsIn(lacks: readonly (Lack | ApprovalLack)[]): string[] {
  return lacks.flatMap((lack) => {
    switch (lack.missing) {
      case 'principal':
        return lack.principals;
      case 'excluded':
        return lack.by;
      case 'target':
        return lack.directOnly;
      case 'requester':
        return lack.requesterGroups.map((id) => `GROUP:${id}`);
      default:
        return [];
    }
  });
}

function list(refs: string[], { nameOf }: Wording, word = 'and', shown = 4): string {
  const names = refs.map(nameOf);
  if (names.length > shown + 1) return `${names.slice(0, shown).join(', ')} ${word} ${names.length - shown} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
}
