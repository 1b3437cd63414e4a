import { formatMinutes } from '../../platform/time.ts';
import type { Effect } from './effects.ts';
import type { Impact } from './impact.ts';
import type { RequestEffect } from './requests.ts';
import type { Shared } from './tally.ts';

/** The name of a principal, an account or a permission set: 'USER:id', 'ACCOUNT:id', an ARN. */
export type NameOf = (ref: string) => string;

/** The first few by name, and how many more there are. */
export interface Few {
  label: string;
  names: string[];
  others: number;
}

/** One effect in words. `tone`: whether people get more or less by it, or somebody is stuck. */
export interface EffectInWords {
  text: string;
  tone: 'more' | 'less' | 'stuck';
  examples: Few[];
}

interface Words {
  who: string;
  one: boolean;
  /** PowerUserAccess in 12 accounts (504 combinations) */
  what: string;
  before: Shared;
  after: Shared;
}

/** One effect as a sentence or two, with the first whom and what it meets. */
export function effectInWords(impact: Impact, nameOf: NameOf): EffectInWords {
  const { effect, first, people, accounts, roles, combinations } = impact;
  const names = {
    people: first.people.map((id) => nameOf(`USER:${id}`)),
    accounts: first.accounts.map((id) => nameOf(`ACCOUNT:${id}`)),
    roles: first.roles.map(nameOf),
  };
  // Where only one of them varies, its own number says it all.
  const several = [people, accounts, roles].filter((number) => number > 1).length > 1;
  const words: Words = {
    who: people === 1 ? (names.people[0] ?? '1 person') : `${count(people)} people`,
    one: people === 1,
    what: `${roles <= 3 ? list(names.roles) : `${count(roles)} roles`} in ${accounts === 1 ? (names.accounts[0] ?? '1 account') : `${count(accounts)} accounts`}${several ? ` (${count(combinations)} combinations)` : ''}`,
    before: impact.before,
    after: impact.after,
  };
  const few = (label: string, shown: string[], total: number): Few[] =>
    total > 1 ? [{ label, names: shown, others: total - shown.length }] : [];
  return {
    text: SENTENCES[effect](words),
    tone: TONES[effect],
    examples: [
      ...few('People', names.people, people),
      ...few('Accounts', names.accounts, accounts),
      ...(roles > 3 ? few('Roles', names.roles, roles) : []),
    ],
  };
}

const SENTENCES: Record<Effect, (words: Words) => string> = {
  gained: ({ who, one, what, after }) => `${who} ${one ? 'gains' : 'gain'} ${what}.${howLong(after)}`,
  lost: ({ who, one, what }) => `${who} ${one ? 'loses' : 'lose'} ${what}.`,
  longer: ({ who, what, ...sides }) => `${who} may ask for ${what} for longer${upTo('longest', sides)}.`,
  shorter: ({ who, what, ...sides }) => `${who} may ask for ${what} for less time${upTo('longest', sides)}.`,
  'approval-dropped': ({ who, one, what, after }) =>
    `${who} no longer ${one ? 'needs' : 'need'} approval for ${what}${after.alone === null ? '' : `, for up to ${formatMinutes(after.alone)}`}.`,
  'approval-added': ({ who, one, what }) => `${who} now ${one ? 'needs' : 'need'} approval for ${what}.`,
  'longer-alone': ({ who, what, ...sides }) =>
    `${who} may have ${what} for longer without approval${upTo('alone', sides)}.`,
  'shorter-alone': ({ who, what, ...sides }) =>
    `${who} may have ${what} without approval for less time only${upTo('alone', sides)}.`,
  'ticket-dropped': ({ who, one, what }) => `${who} no longer ${one ? 'needs' : 'need'} a ticket for ${what}.`,
  'ticket-added': ({ who, one, what }) => `${who} now ${one ? 'needs' : 'need'} a ticket for ${what}.`,
  'ticket-differs': ({ who, what }) => `For ${who} a ticket is needed for other durations than before: ${what}.`,
  'other-approvers': ({ who, one, what }) => `Other people decide when ${who} ${one ? 'asks' : 'ask'} for ${what}.`,
  'more-approvals': ({ who, one, what }) =>
    `More approvals are needed when ${who} ${one ? 'asks' : 'ask'} for ${what}.`,
  'fewer-approvals': ({ who, one, what }) =>
    `Fewer approvals are needed when ${who} ${one ? 'asks' : 'ask'} for ${what}.`,
  'nobody-decides': ({ who, one, what }) =>
    `Nobody could approve when ${who} ${one ? 'asks' : 'ask'} for ${what}: no approval policy covers it.`,
  'too-few-decide': ({ who, one, what }) =>
    `Nobody could approve when ${who} ${one ? 'asks' : 'ask'} for ${what}: too few people are named to decide.`,
  'somebody-approves': ({ who, what }) => `Requests of ${who} for ${what} can be approved, which nobody could so far.`,
};

const TONES: Record<Effect, EffectInWords['tone']> = {
  gained: 'more',
  lost: 'less',
  longer: 'more',
  shorter: 'less',
  'approval-dropped': 'more',
  'approval-added': 'less',
  'longer-alone': 'more',
  'shorter-alone': 'less',
  'ticket-dropped': 'more',
  'ticket-added': 'less',
  'ticket-differs': 'less',
  'other-approvers': 'less',
  'more-approvals': 'less',
  'fewer-approvals': 'more',
  'nobody-decides': 'stuck',
  'too-few-decide': 'stuck',
  'somebody-approves': 'more',
};

/** What a change does to some requests: '2 pending requests need other approvers'. */
export function requestsInWords(effect: RequestEffect, pending: number, scheduled: number): string {
  const kinds = [pending > 0 && `${count(pending)} pending`, scheduled > 0 && `${count(scheduled)} scheduled`];
  const one = pending + scheduled === 1;
  return `${kinds.filter(Boolean).join(' and ')} ${one ? 'request' : 'requests'} ${REQUEST_SENTENCES[effect](one)}`;
}

const REQUEST_SENTENCES: Record<RequestEffect, (one: boolean) => string> = {
  refused: () => 'would be refused when access is to be given',
  'given-again': () => 'could be given again',
  'nobody-approves': () => 'could be approved by nobody any more',
  'somebody-approves': () => 'could be approved, which nobody could so far',
  'more-approvals': (one) => (one ? 'needs more approvals' : 'need more approvals'),
  'other-approvers': (one) => (one ? 'needs other approvers' : 'need other approvers'),
};

function howLong({ longest, alone, bare }: Shared): string {
  if (longest === null) return '';
  const ticket = bare === 0 ? ' and with a ticket' : '';
  if (alone === null) return ` For up to ${formatMinutes(longest)}${ticket}.`;
  if (alone === 0) return ` For up to ${formatMinutes(longest)}, with approval${ticket}.`;
  if (alone === longest) return ` For up to ${formatMinutes(longest)}, without approval${ticket}.`;
  return ` For up to ${formatMinutes(longest)}, without approval up to ${formatMinutes(alone)}${ticket}.`;
}

function upTo(which: 'longest' | 'alone', { before, after }: Pick<Words, 'before' | 'after'>): string {
  const [was, is] = [before[which], after[which]];
  if (is === null) return '';
  return `: up to ${formatMinutes(is)}${was === null ? '' : ` instead of ${formatMinutes(was)}`}`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}
