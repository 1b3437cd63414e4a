import { type Outcome, plusMinutes, type Say, type Story, yes } from './story.ts';

/** Tells one story: when, what was asked, the ticket, why, what became of it, and what else there is to say. */
export type Tell = (
  at: [daysAgo: number, time: string],
  asked: [who: string, role: string, account: string, minutes: number],
  ticket: string,
  why: string,
  outcome: Outcome,
  more?: { acts?: string[]; startsAfter?: number; found?: 'by hand' },
) => void;

/** The stories that `script` tells; its times of day are in UTC. */
export function storiesTold(now: Date, script: (tell: Tell) => void): Story[] {
  const stories: Story[] = [];
  script(([daysAgo, time], [who, role, account, minutes], ticket, why, outcome, more = {}) => {
    const { startsAfter, ...rest } = more;
    const submittedAt = onDay(now, daysAgo, time);
    const startsAt = startsAfter === undefined ? {} : { startsAt: plusMinutes(submittedAt, startsAfter) };
    stories.push({ who, role, account, minutes, ticket, why, submittedAt, ...startsAt, outcome, ...rest });
  });
  return stories;
}

export const expired: Outcome = { kind: 'expired' };

export const cancelled = (after: number, comment: string): Outcome => ({ kind: 'cancelled', after, comment });

export const rejected = (...said: Parameters<typeof yes>): Outcome => ({ kind: 'rejected', said: [yes(...said)] });

/** Approved, and taken before its time. */
export const revoked = (
  say: Say,
  cause: 'requester' | 'approver' | 'user_disabled',
  by: string | null,
  after: number,
  comment: string,
): Outcome => ({ kind: 'given', said: [say], life: { kind: 'revoked', cause, by, after, comment } });

function onDay(now: Date, daysAgo: number, time: string): Date {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - daysAgo, hours, minutes, 17));
}
