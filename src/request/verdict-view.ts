import type { User } from '../directory/index.ts';
import type { OwnWords } from '../policy/index.ts';
import type { Judgement } from './judge.ts';
import { type AccessWindow, windowFrom } from './window.ts';

export type VerdictView =
  /** Account and role are not chosen yet. */
  | { state: 'incomplete' }
  | { state: 'refused'; reason: string; words: OwnWords }
  | {
      state: 'allowed';
      words: OwnWords;
      approvalNeeded: boolean;
      ticketNeeded: boolean;
      longestMinutes: number;
      /** Who decides, step after step; empty where no approval is needed. */
      steps: { needed: number; people: PeopleList }[];
      /** As it would be if it were approved now. */
      window: AccessWindow;
      startsLater: boolean;
      sessionSeconds: number;
      /** A role that gives less and is offered here too. */
      smaller: string | null;
    };

/** The first names of many, and how many more there are. */
export interface PeopleList {
  names: string[];
  others: number;
}

const NAMED = 5;
const NO_WORDS: OwnWords = { sentence: '', hints: [] };
const READS_ONLY = /read|view|audit|billing/i;

/** Pure: what the form says beside it, from the judgement. */
export function verdictView(
  judgement: Judgement,
  ask: { startsAt: Date | null; durationMinutes: number },
  { now, roles, words }: { now: Date; roles: { permissionSet: { arn: string; name: string } }[]; words: OwnWords },
): VerdictView {
  const { verdict, permissionSet, perStep } = judgement;
  if (!verdict.allowed || permissionSet === null) {
    // What nobody can be given has no rules worth telling. By the code, not by what is there: that would tell it.
    return { state: 'refused', reason: verdict.reason, words: verdict.code === 'unavailable' ? NO_WORDS : words };
  }
  const smaller = roles.find((each) => READS_ONLY.test(each.permissionSet.name));
  return {
    state: 'allowed',
    words,
    approvalNeeded: verdict.approvalNeeded,
    ticketNeeded: verdict.ticketNeeded,
    longestMinutes: verdict.longestMinutes,
    steps: perStep.map((people, index) => ({
      needed: verdict.steps[index]?.approvalsNeeded ?? 1,
      people: peopleList(people),
    })),
    window: windowFrom({ ...ask, sessionSeconds: permissionSet.sessionSeconds }, now),
    startsLater: ask.startsAt !== null && ask.startsAt > now,
    sessionSeconds: permissionSet.sessionSeconds,
    smaller: READS_ONLY.test(permissionSet.name) ? null : (smaller?.permissionSet.name ?? null),
  };
}

export function peopleList(people: Pick<User, 'displayName'>[]): PeopleList {
  const names = people.map((each) => each.displayName).toSorted((a, b) => a.localeCompare(b, 'en'));
  return { names: names.slice(0, NAMED), others: Math.max(0, names.length - NAMED) };
}
