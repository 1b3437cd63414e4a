import { type Grant, notGiving, readGiving } from '../access/index.ts';
import type { Person } from '../identity/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { formatInZone } from '../platform/time.ts';
import { resolveSteps } from '../policy/index.ts';
import { readSettings, readTimeZone } from '../settings/index.ts';
import { cautions } from './caution.ts';
import { grantsFor } from './extension-store.ts';
import { type ExtensionState, extensionState } from './extension-view.ts';
import { cliProfile, consoleLink } from './links.ts';
import { approvalsAt, currentStep, minutesLeft } from './machine.ts';
import { notesOf } from './notes-of.ts';
import { requestNumber } from './number.ts';
import { type ListRow, listMine } from './queries.ts';
import { leadGrant, OPEN, sectionOf, whyAddress, whyNotDecide, withoutWords } from './show-parts.ts';
import { standingNote } from './standing.ts';
import { type Seen, seenStatus } from './status.ts';
import { whyStuck } from './stuck.ts';
import { type TimelineEntry, timelineOf } from './timeline.ts';
import type { AccessRequest } from './types.ts';
import { type PeopleList, peopleList } from './verdict-view.ts';
import { seeRequest } from './view-request.ts';
import type { View } from './visibility.ts';
import { waitingOf } from './waiting.ts';
import { whatsNext } from './whats-next.ts';
import { type AccessWindow, windowFrom, windowOfGrant } from './window.ts';

/** The part of the page that changes by itself. */
export interface RequestState {
  request: AccessRequest;
  number: string;
  view: View;
  /** The entry of the navigation that leads here, by its address. */
  section: string;
  seen: Seen;
  grant: Grant | null;
  now: Date;
  next: string;
  /** What else there is to say of the access. */
  notes: string[];
  /** Nobody can decide it as things stand; `next` says why. */
  stuck: boolean;
  window: AccessWindow;
  /** Each step with who could still act in it and how many said yes. */
  steps: { needed: number; approvals: number; done: boolean; current: boolean; people: PeopleList }[];
  /** The mark of this state: an open page asks whether it is still the same. */
  version: string;
  /** Why it does not open for now, for who waits for it or decides on it; '' where nothing keeps it. */
  notGiving: string;
  links: { console: string; profile: string } | null;
  timeline: TimelineEntry[];
  extension: ExtensionState;
  may: { cancel: boolean; end: boolean; revoke: boolean; retry: boolean; decide: boolean };
  whyNotDecide: string;
  supportContact: string;
  /** Where admins and auditors see why it would be allowed today; null for everyone else. */
  why: string | null;
}

export interface RequestPage extends RequestState {
  /** For approvers who are to decide. */
  decide: {
    minutesLeft: number;
    commentRequired: boolean;
    cautions: string[];
    access: ListRow[];
    last: ListRow[];
  } | null;
}

/** What the page of a request shows to this person. Throws `NotFoundError` where they may not know of it. */
export async function requestState(platform: Platform, tx: Tx, person: Person, id: string): Promise<RequestState> {
  const { request, view } = await seeRequest(tx, person, id);
  const { settings } = await readSettings(tx);
  const grants = await grantsFor(tx, request);
  const grant = leadGrant(grants);
  const now = await appNow(tx);
  const seen = seenStatus(request, grants, now);
  const extension = await extensionState(tx, request, grants, { view, now });
  const timeZone = await readTimeZone(tx, person.userId);
  const format = (at: Date) => `${formatInZone(at, timeZone)} (${timeZone})`;
  const stop = ['pending', 'scheduled', 'activating'].includes(seen.status) ? await readGiving(tx) : null;
  const waiting = await waitingOf(tx, grant, { seen, stopped: stop !== null, now, format });
  const people = await resolveSteps(tx, request.steps, request.requesterId);
  const current = currentStep(request);
  const why = request.status === 'pending' ? await whyStuck(tx, request, people) : null;
  const stuck = why === null ? null : { why, mine: view.requester };
  const decideRefusal = whyNotDecide(request, view, person, now);
  const access = { accountId: request.accountId, roleName: request.permissionSetName };
  const { accessPortalUrl, awsRegion } = platform.config;
  const endable = grants.some(
    (each) => each.status === 'scheduled' || each.status === 'activating' || each.status === 'active',
  );
  return {
    request: view.words ? request : withoutWords(request),
    number: requestNumber(request),
    view,
    section: sectionOf(view, seen.status),
    seen,
    grant: grant && (view.words ? grant : { ...grant, endComment: null }),
    now,
    next: waiting.next ?? whatsNext(seen.status, seen.overdue, request, grant, format, stuck, extension.extends),
    notes: [
      ...waiting.notes,
      ...(await standingNote(tx, request, seen.status, view.requester)),
      ...(await notesOf(tx, request, grant, format)),
    ],
    stuck: stuck !== null,
    window: grant ? windowOfGrant(grant) : windowFrom({ ...request, durationMinutes: minutesLeft(request) }, now),
    steps: request.steps.map((step, index) => ({
      needed: step.approvalsNeeded,
      approvals: approvalsAt(request, index),
      done: approvalsAt(request, index) >= step.approvalsNeeded,
      current: index === current && request.status === 'pending',
      people: peopleList(
        (people[index] ?? []).filter(({ id }) => !request.decisions.some((each) => each.approverId === id)),
      ),
    })),
    version: [
      ...[
        request.version,
        seen.status,
        seen.overdue,
        stuck !== null,
        stop !== null,
        waiting.mark,
        ...grants.map((each) => each.version),
      ],
      ...[extension.extends?.grant.status ?? '', ...extension.asked.map(({ status }) => status)],
    ].join('-'),
    links:
      view.requester && seen.status === 'active' && !grant?.removedOutsideAt
        ? { console: consoleLink(accessPortalUrl, access), profile: cliProfile(accessPortalUrl, awsRegion, access) }
        : null,
    timeline: await timelineOf(tx, { ...request, extensions: extension.asked }, { ...view, format }),
    extension,
    may: {
      cancel: view.requester && request.status === 'pending',
      end: view.requester && endable,
      revoke: !view.requester && (view.approver || view.admin) && endable,
      retry: view.admin && grant?.status === 'failed',
      decide: request.status === 'pending' && decideRefusal === '',
    },
    whyNotDecide:
      view.approver || view.decider || (view.requester && request.status === 'pending') ? decideRefusal : '',
    notGiving: notGiving(stop, whatWaits(request, decideRefusal), format),
    supportContact: settings.supportContact,
    why: view.admin || view.auditor ? whyAddress(request) : null,
  };
}

/** What does not happen while access is not given. */
function whatWaits({ status, extendsGrantId }: AccessRequest, decideRefusal: string) {
  if (status !== 'pending' || decideRefusal !== '') return extendsGrantId === null ? 'wait' : 'extend';
  return extendsGrantId === null ? 'decide' : 'decide-extension';
}

/** The whole page, with what an approver needs to decide. */
export async function requestPage(platform: Platform, tx: Tx, person: Person, id: string): Promise<RequestPage> {
  const state = await requestState(platform, tx, person, id);
  if (!state.may.decide) return { ...state, decide: null };
  const { request } = state;
  const others = (await listMine(tx, request.requesterId, { size: 20 })).rows.filter(
    (row) => row.requestId !== request.id,
  );
  const access = others.filter((row) => OPEN.has(row.status) && row.extendsGrantId === null);
  const { extends: extension, before } = state.extension;
  const { settings } = await readSettings(tx);
  const standing = await standingNote(tx, request, state.seen.status, false);
  return {
    ...state,
    notes: state.notes.filter((note) => !standing.includes(note)),
    decide: {
      minutesLeft: minutesLeft(request),
      commentRequired: settings.commentRequired,
      cautions: [
        ...cautions(
          request,
          access.some((row) => row.accountId === request.accountId && row.grantId !== request.extendsGrantId),
          extension && { ...extension, before },
        ),
        ...standing,
      ],
      access,
      last: others.slice(0, 5),
    },
  };
}
