import type { Grant } from '../access/index.ts';
import type { Extension } from './extension-store.ts';
import { requestNumber } from './number.ts';
import type { AccessRequest, SeenStatus } from './types.ts';

/** Formats an instant for the reader. */
type Format = (at: Date) => string;

/**
 * What happens next, or what became of it, as one or two sentences. `stuck`: why nobody can decide it, and whether the
 * reader is its requester. `extension`: what it makes longer, if that is what it is for. Pure.
 */
export function whatsNext(
  status: SeenStatus,
  overdue: boolean,
  request: AccessRequest,
  grant: Grant | null,
  format: Format,
  stuck: { why: string; mine: boolean } | null = null,
  extension: Extension | null = null,
): string {
  if (extension && stuck === null) {
    const said = extensionNext(request, extension, format);
    // What became of the access itself is told where the end moved.
    return extension.done ? `${said} ${whatsNext(status, overdue, request, grant, format)}` : said;
  }
  switch (status) {
    case 'pending':
      if (stuck) {
        const who = stuck.mine ? 'you' : request.requesterName;
        return `${stuck.why} An administrator can change the policy; ${who} can cancel it, or it expires at ${format(request.expiresAt)}.`;
      }
      return `Waits for a decision until ${format(request.expiresAt)}, then it expires.`;
    case 'rejected':
      return `${request.closedByName ?? 'An approver'} said no. Nothing was given; a new request can say more.`;
    case 'cancelled':
      return 'It was taken back before anyone decided. Nothing was given.';
    case 'expired':
      if (request.closeComment) return `${request.closeComment} So nothing was given, and the request is closed.`;
      return 'Nobody decided in time, so nothing was given. A new request starts the wait again.';
    case 'scheduled':
      return grant === null ? 'Access is being prepared.' : `Access opens at ${format(grant.opensAt)}.`;
    case 'activating':
      return 'AWS was asked for the access and has not confirmed it yet. This usually takes less than a minute.';
    case 'active':
      if (grant?.closesAt && grant.removedOutsideAt !== null) {
        return `This access is not there: it was taken away outside Latchkey. Its grant ends at ${format(grant.closesAt)}.`;
      }
      if (grant?.closesAt && grant.preexisting) {
        return `Access is there. The grant ends at ${format(grant.closesAt)}; the same access stood before it, given outside Latchkey, and stays.`;
      }
      return grant?.closesAt
        ? `Access is there until ${format(grant.closesAt)}, when Latchkey takes it away by itself.`
        : 'Access is there.';
    case 'ending':
      return overdue
        ? 'The access should be gone by now. Latchkey keeps trying to take it away, and the administrators know.'
        : 'AWS was asked to take the access away and has not confirmed it yet.';
    case 'ended':
      return grant?.endedAt
        ? `The access ended; AWS confirmed at ${format(grant.endedAt)}.${stays(grant)}`
        : 'It ended.';
    case 'revoked':
      return grant?.endedAt
        ? `${endedEarly(grant)}; AWS confirmed at ${format(grant.endedAt)}.${stays(grant)}`
        : 'The access was taken away early.';
    case 'failed':
      return grant?.failure ?? 'The access could not be given.';
  }
}

function endedEarly({ endCause, endedByName }: Grant): string {
  if (endCause === 'requester') return `${endedByName ?? 'The requester'} ended the access early`;
  // Who is no person is described: 'An administrator on the command line (root)'.
  const by = endedByName?.replace(/^An? (?=[a-z])/, (article) => article.toLowerCase());
  return `The access was taken away early${by ? ` by ${by}` : ''}`;
}

function stays(grant: Grant): string {
  if (grant.continuedBy !== null) return ' Another grant for the same role goes on, so the access is still there.';
  if (grant.preexisting) return ' The same access stood before it, given outside Latchkey, and was left as it was.';
  return '';
}

function extensionNext(request: AccessRequest, { original, grant, from, to }: Extension, format: Format): string {
  const number = requestNumber(original);
  const active = grant.status === 'active';
  const asBefore = active ? ` ${number} ends at ${format(from)} as before.` : ` The access of ${number} is over.`;
  switch (request.status) {
    case 'pending':
      return active
        ? `Waits for a decision until ${format(request.expiresAt)}. Without one, ${number} ends at ${format(from)} as before.`
        : `The access of ${number} is over, so there is nothing left to extend.`;
    case 'approved':
      return `It moved the end of ${number} from ${format(from)} to ${format(to)}.`;
    case 'rejected':
      return `${request.closedByName ?? 'An approver'} said no.${asBefore}`;
    case 'cancelled':
      return `It was taken back before anyone decided.${asBefore}`;
    case 'expired':
      return `Nobody decided in time.${asBefore}`;
  }
}
