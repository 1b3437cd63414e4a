import type { EndCause } from '../../access/index.ts';

/** One approver's word on a request, `after` so many minutes; `minutes`: the shorter time that they gave. */
export interface Say {
  who: string;
  after: number;
  comment: string;
  minutes?: number;
}

/** What became of a grant. */
export type Life =
  | { kind: 'scheduled' | 'activating' | 'active' | 'ended' | 'overdue' }
  /** Taken `after` so many minutes. */
  | { kind: 'revoked'; cause: EndCause; by: string | null; after: number; comment: string }
  /** What AWS said when it could not be given. */
  | { kind: 'failed'; aws: string };

export type Outcome =
  /** `said`: approvals that were not enough yet. */
  | { kind: 'pending'; said?: Say[] }
  | { kind: 'rejected'; said: Say[] }
  | { kind: 'cancelled'; after: number; comment: string }
  | { kind: 'expired' }
  /** `said` is empty where no approval was needed. */
  | { kind: 'given'; said: Say[]; life: Life };

/** One request of Example Corp's history, as somebody would tell it. */
export interface Story {
  who: string;
  role: string;
  account: string;
  minutes: number;
  ticket: string;
  why: string;
  submittedAt: Date;
  startsAt?: Date;
  outcome: Outcome;
  /** What was done with the access: IDs of the console's acts. */
  acts?: string[];
  /** The access stood there already: given by hand (it stays), or by the grant before (that goes on). */
  found?: 'by hand' | 'other grant';
}

export const yes = (who: string, after: number, comment: string, minutes?: number): Say => ({
  who,
  after,
  comment,
  ...(minutes === undefined ? {} : { minutes }),
});

export const given = (
  life: Life['kind'] & ('scheduled' | 'activating' | 'active' | 'ended' | 'overdue'),
  ...said: Say[]
): Outcome => ({
  kind: 'given',
  said,
  life: { kind: life },
});

export const MINUTE = 60_000;

export function plusMinutes(at: Date, minutes: number): Date {
  return new Date(at.getTime() + minutes * MINUTE);
}

export function plusSeconds(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1_000);
}
