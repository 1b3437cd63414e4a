import type { Tx } from '../platform/db.ts';

/** One entry of a request's story, as the timeline partial takes it. */
export interface TimelineEntry {
  at: Date;
  title: string;
  icon: string;
  tone?: 'good' | 'bad';
  by?: string;
  text?: string;
}

type Words = { title: string; icon: string; tone?: 'good' | 'bad' };

const WORDS: Record<string, Words> = {
  'request.submitted': { title: 'Submitted', icon: 'plus' },
  'request.approved': { title: 'Approved', icon: 'check', tone: 'good' },
  'request.rejected': { title: 'Rejected', icon: 'cross', tone: 'bad' },
  'request.cancelled': { title: 'Cancelled', icon: 'slash' },
  'request.expired': { title: 'Expired without a decision', icon: 'expired' },
  'request.decision-refused': { title: 'A decision was refused', icon: 'alert', tone: 'bad' },
  'grant.opened': { title: 'Access scheduled', icon: 'calendar' },
  'grant.scheduled': { title: 'Access scheduled', icon: 'calendar' },
  'grant.activating': { title: 'Asked AWS for the access', icon: 'turning' },
  'grant.active': { title: 'AWS confirmed the access', icon: 'key', tone: 'good' },
  'grant.activated': { title: 'AWS confirmed the access', icon: 'key', tone: 'good' },
  'grant.ending': { title: 'Asked AWS to take the access away', icon: 'turning' },
  'grant.ended': { title: 'Access ended, confirmed by AWS', icon: 'stop' },
  'grant.revoked': { title: 'Access taken away, confirmed by AWS', icon: 'revoked' },
  'grant.failed': { title: 'Access could not be given', icon: 'alert', tone: 'bad' },
  'grant.retried': { title: 'Tried again', icon: 'turning' },
};

/** Refused attempts, and each call to AWS with its request ID: evidence, not news. */
const FOR_AUDITORS = /^request\.decision-refused$|^assignment\./;

/**
 * What happened to a request, from the audit log, the oldest first. `words`: whether the reader may read what people wrote.
 */
export async function timelineOf(
  tx: Tx,
  requestId: string,
  reader: { words: boolean; auditor: boolean },
): Promise<TimelineEntry[]> {
  const events = await tx.auditEvent.findMany({ where: { requestId }, orderBy: { id: 'asc' }, take: 200 });
  return events
    .filter((event) => reader.auditor || !FOR_AUDITORS.test(event.kind))
    .map((event) => {
      const words = WORDS[event.kind] ?? { title: plainWords(event.kind), icon: 'info' };
      const text = reader.words ? textOf(event.after) : '';
      return {
        at: event.at,
        ...words,
        ...(event.actorKind === 'system' ? {} : { by: event.actorName }),
        ...(text === '' ? {} : { text }),
      };
    });
}

function textOf(after: unknown): string {
  if (typeof after !== 'object' || after === null) return '';
  for (const name of ['comment', 'endComment', 'failure', 'reason', 'awsRequestId']) {
    const value = (after as Record<string, unknown>)[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
}

/** 'grant.ending-soon' is 'Grant ending soon'. */
function plainWords(kind: string): string {
  const text = kind.replace(/[.-]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
