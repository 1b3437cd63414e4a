import { z } from 'zod';
import type { Tx } from '../platform/db.ts';
import { formatMinutes } from '../platform/time.ts';
import { collapseRepeats } from './collapse.ts';

/** One entry of a request's story, as the timeline partial takes it. */
export interface TimelineEntry {
  at: Date;
  title: string;
  icon: string;
  tone?: 'good' | 'bad';
  by?: string;
  text?: string;
  /** How often it happened in a row, where more than once, and when the first time. */
  times?: number;
  since?: Date;
}

type Words = { title: string; icon: string; tone?: 'good' | 'bad' };

const WORDS: Record<string, Words> = {
  'request.submitted': { title: 'Submitted', icon: 'plus' },
  'request.approved': { title: 'Approved', icon: 'check', tone: 'good' },
  'request.rejected': { title: 'Rejected', icon: 'cross', tone: 'bad' },
  'request.cancelled': { title: 'Cancelled', icon: 'slash' },
  'request.expired': { title: 'Expired without a decision', icon: 'expired' },
  'request.rerouted': { title: 'The approvers changed', icon: 'turning' },
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
  'grant.extended': { title: 'Access extended', icon: 'calendar', tone: 'good' },
  'grant.rights-lost': { title: 'No longer eligible; runs on by the setting', icon: 'alert', tone: 'bad' },
  'grant.rights-back': { title: 'Eligible again', icon: 'check' },
  'grant.retried': { title: 'Tried again', icon: 'turning' },
  'assignment.create-intended': { title: 'Call to AWS: give the access', icon: 'turning' },
  'assignment.create-in-progress': { title: 'AWS works on giving the access', icon: 'turning' },
  'assignment.create-succeeded': { title: 'AWS reports the access as given', icon: 'check' },
  'assignment.create-failed': { title: 'AWS did not give the access', icon: 'alert', tone: 'bad' },
  'assignment.create-refused': { title: 'AWS refused to give the access', icon: 'alert', tone: 'bad' },
  'assignment.create-unknown': { title: 'No answer of AWS about giving the access', icon: 'alert' },
  'assignment.delete-intended': { title: 'Call to AWS: take the access away', icon: 'turning' },
  'assignment.delete-in-progress': { title: 'AWS works on taking the access away', icon: 'turning' },
  'assignment.delete-succeeded': { title: 'AWS reports the access as taken away', icon: 'check' },
  'assignment.delete-failed': { title: 'AWS did not take the access away', icon: 'alert', tone: 'bad' },
  'assignment.delete-refused': { title: 'AWS refused to take the access away', icon: 'alert', tone: 'bad' },
  'assignment.delete-unknown': { title: 'No answer of AWS about taking the access away', icon: 'alert' },
};

/** Refused attempts, and each call to AWS with its request ID: evidence, not news. */
const FOR_AUDITORS = /^request\.decision-refused$|^assignment\./;
/** So many of the newest and of the oldest events are told; a revoke that AWS keeps refusing adds two every two minutes. */
const NEWEST = 300;
const OLDEST = 50;

/** Who reads it, and how times are written for them. */
interface TimelineReader {
  /** Whether they may read what people wrote. */
  words: boolean;
  auditor: boolean;
  format: (at: Date) => string;
}

/** A request, and the requests whose story is told with it. */
interface Story {
  id: string;
  /** To make its access longer; `open`: the reader may see those by themselves too. */
  extensions?: { open: boolean; id: string; number: number; minutes: number }[];
  /** The grant that it makes longer itself. */
  extendsGrantId?: string | null;
}

type Event = Awaited<ReturnType<Tx['auditEvent']['findMany']>>[number];

/** What happened to a request, from the audit log, the newest first, repeats as one entry. */
export async function timelineOf(tx: Tx, story: Story, reader: TimelineReader): Promise<TimelineEntry[]> {
  const ids = (story.extensions ?? []).map(({ id }) => id);
  const asked = ids.length > 0 ? [{ requestId: { in: ids }, kind: { startsWith: 'request.' } }] : [];
  // Where its own effect is on record: with the access that it made longer.
  const grant = story.extendsGrantId ? { subjectKind: 'grant', subjectId: story.extendsGrantId } : null;
  const moved = grant ? [{ ...grant, kind: 'grant.extended', after: { path: ['extension'], equals: story.id } }] : [];
  const where = { OR: [{ requestId: story.id }, ...asked, ...moved] };
  const newest = await tx.auditEvent.findMany({ where, orderBy: { id: 'desc' }, take: NEWEST });
  const last = newest.length === NEWEST ? newest.at(-1) : undefined;
  const before = { ...where, id: { lt: last?.id ?? 0n } };
  const oldest = last ? await tx.auditEvent.findMany({ where: before, orderBy: { id: 'asc' }, take: OLDEST }) : [];
  const leftOut = last ? (await tx.auditEvent.count({ where: before })) - oldest.length : 0;
  const entriesOf = (events: Event[]) =>
    collapseRepeats(
      events
        .filter((event) => reader.auditor || !FOR_AUDITORS.test(event.kind))
        .map((event) => entryOf(event, story, reader)),
    );
  const gap: TimelineEntry[] =
    last && leftOut > 0
      ? [{ at: last.at, title: 'Earlier steps are left out here; the audit log keeps all of them', icon: 'info' }]
      : [];
  return [...entriesOf(newest), ...gap, ...entriesOf(oldest.toReversed())];
}

function entryOf(event: Event, story: Story, { words: withWords, format }: TimelineReader): TimelineEntry {
  const words = WORDS[event.kind] ?? { title: plainWords(event.kind), icon: 'info' };
  const extension = story.extensions?.find(({ id }) => id === event.requestId);
  const title = extension
    ? `R-${extension.number}, ${formatMinutes(extension.minutes)} more: ${words.title.toLowerCase()}`
    : words.title;
  // Why approvers changed is the policies' story, not what people wrote.
  const readable = withWords && (extension?.open ?? true);
  const text = readable || event.kind === 'request.rerouted' ? textOf(event.after) : '';
  const said = event.kind === 'grant.extended' ? movedEnd(event, format) : text;
  return {
    at: event.at,
    ...words,
    title,
    ...(event.actorKind === 'system' ? {} : { by: event.actorName }),
    ...(said === '' ? {} : { text: said }),
  };
}

const Moved = z.object({ closesAt: z.coerce.date() });

function movedEnd({ before, after }: Event, format: (at: Date) => string): string {
  const [from, to] = [Moved.safeParse(before).data, Moved.safeParse(after).data];
  return from && to ? `Without a gap, until ${format(to.closesAt)} instead of ${format(from.closesAt)}.` : '';
}

function textOf(after: unknown): string {
  if (typeof after !== 'object' || after === null) return '';
  for (const name of ['comment', 'endComment', 'failure', 'reason', 'awsRequestId']) {
    const value = (after as Record<string, unknown>)[name];
    if (typeof value === 'string' && value !== '') return name === 'awsRequestId' ? `AWS request ${value}` : value;
  }
  return '';
}

/** 'grant.ending-soon' is 'Grant ending soon'. */
function plainWords(kind: string): string {
  const text = kind.replace(/[.-]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
