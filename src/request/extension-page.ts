import { extendedBy, notGiving, readGiving, whyNotExtendable } from '../access/index.ts';
import type { Person } from '../identity/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { type AppError, ForbiddenError, InvalidInputError } from '../platform/errors.ts';
import { formatInZone } from '../platform/time.ts';
import { readTimeZone } from '../settings/index.ts';
import { durationChoices, usualDuration } from './durations.ts';
import type { ExtensionValues } from './extension-form.ts';
import { grantToExtend, pendingExtension } from './extension-store.ts';
import { askedBefore, notExtendable, nothingFits } from './extension-words.ts';
import { type Extendable, judgeExtension, minutesToSpare, whyNotLonger } from './judge-extension.ts';
import { requestNumber } from './number.ts';
import { findRequest, noSuchRequest } from './store.ts';
import type { AccessRequest } from './types.ts';
import { type PeopleList, peopleList } from './verdict-view.ts';
import { seeRequest } from './view-request.ts';

/** The page on which a person asks for more time. */
export interface ExtensionPage {
  section: '/requests';
  /** The request whose access it is. */
  original: AccessRequest;
  number: string;
  now: Date;
  /** Why nothing can be asked for here, and what to look at instead; null where it can. */
  blocked: { code: string; why: string; waiting: { id: string; number: number } | null } | null;
  offer: ExtensionOffer | null;
  /** Why nobody gets more time at the moment; '' where they do. */
  notGiving: string;
  values: ExtensionValues;
  errors: Record<string, string>;
}

interface ExtensionOffer {
  closesAt: Date;
  choices: ExtensionChoice[];
  /** Whether another length may be typed as well. */
  custom: boolean;
  /** At most so many minutes more, and so many in all. */
  spareMinutes: number;
  longestMinutes: number;
  /** Who decides, step after step; empty where nothing offered needs approval. */
  steps: { needed: number; people: PeopleList }[];
  sessionSeconds: number;
}

interface ExtensionChoice {
  minutes: number;
  closesAt: Date;
  /** Sessions that were opened just before the end live on for the role's session length. */
  effectiveEnd: Date;
  approvalNeeded: boolean;
}

/**
 * What the page shows, from the directory's copy: what would fit and who would decide. Throws `NotFoundError` for who
 * may not know of the request, `ForbiddenError` for who is not its requester.
 */
export async function extensionPage(
  tx: Tx,
  person: Person,
  id: string,
  values: ExtensionValues,
  errors: Record<string, string> = {},
): Promise<ExtensionPage> {
  const { request, view } = await seeRequest(tx, person, id);
  if (!view.requester) {
    throw new ForbiddenError('not-requester', `Only ${request.requesterName} can ask for more time here.`);
  }
  const now = await appNow(tx);
  const grant = await grantToExtend(tx, request);
  const original = grant?.requestId ? await findRequest(tx, grant.requestId) : request;
  if (original === null) throw noSuchRequest();
  const timeZone = await readTimeZone(tx, person.userId);
  const stop = notGiving(await readGiving(tx), 'extend', (at) => `${formatInZone(at, timeZone)}, ${timeZone}`);
  const page = {
    notGiving: stop,
    section: '/requests' as const,
    original,
    number: requestNumber(original),
    now,
    values,
    errors,
  };
  const blockedBy = ({ code, message: why }: AppError, waiting: { id: string; number: number } | null = null) => ({
    ...page,
    blocked: { code, why, waiting },
    offer: null,
  });

  const refusal = grant === null ? 'not-there-yet' : whyNotExtendable(grant, now);
  if (grant === null || grant.closesAt === null || refusal !== null) return blockedBy(notExtendable(refusal ?? 'over'));
  const waiting = await pendingExtension(tx, grant.id);
  if (waiting) return blockedBy(askedBefore(waiting), waiting);
  const extendable = { original, grant, closesAt: grant.closesAt };
  const offered = await offerOf(tx, person, extendable, values);
  if ('status' in offered) return blockedBy(offered);
  const { offer, usual } = offered;
  return {
    ...page,
    values: { ...values, durationMinutes: values.durationMinutes || String(usual) },
    blocked: null,
    offer,
  };
}

/** What would fit, or why nothing does. */
async function offerOf(
  tx: Tx,
  { userId, groupIds }: Person,
  extendable: Extendable,
  values: ExtensionValues,
): Promise<{ offer: ExtensionOffer; usual: number } | AppError> {
  const subject = { userId, groupIds };
  const { grant, closesAt } = extendable;
  const least = await judgeExtension(tx, subject, extendable, 1);
  const wrong = whyNotLonger(least, extendable, 1);
  // One minute more may be no length that the portal offers; what is offered is listed.
  if (wrong && !(wrong instanceof InvalidInputError)) return wrong;
  const spareMinutes = minutesToSpare(least, extendable);
  const durations = durationChoices(spareMinutes, { ...values, durationMinutes: '' }, least.settings);
  const usual = usualDuration(spareMinutes, least.settings);
  const longest = durations.choices.at(-1);
  if (longest === undefined) return nothingFits(spareMinutes);
  const most = await judgeExtension(tx, subject, extendable, longest);
  const without = most.verdict.longestWithoutApprovalMinutes;
  const choices = durations.choices.map((minutes) => {
    const to = extendedBy({ ...grant, closesAt }, minutes);
    const effectiveEnd = new Date(to.closesAt.getTime() + grant.sessionSeconds * 1000);
    return { minutes, closesAt: to.closesAt, effectiveEnd, approvalNeeded: to.totalMinutes > without };
  });
  const blocked = choices.some(({ approvalNeeded }) => approvalNeeded) ? whyNotLonger(most, extendable, longest) : null;
  if (blocked && choices.every(({ approvalNeeded }) => approvalNeeded)) return blocked;
  return {
    usual,
    offer: {
      closesAt,
      // Where nobody could approve, what needs no approval is still offered.
      choices: blocked ? choices.filter(({ approvalNeeded }) => !approvalNeeded) : choices,
      custom: durations.custom,
      spareMinutes,
      longestMinutes: least.verdict.longestMinutes,
      steps: most.perStep.map((people, index) => ({
        needed: most.verdict.steps[index]?.approvalsNeeded ?? 1,
        people: peopleList(people),
      })),
      sessionSeconds: grant.sessionSeconds,
    },
  };
}
