import { formatMinutes } from '../platform/time.ts';
import type { AccessRequest } from './types.ts';

const PRODUCTION = /\bprod/i;
const WIDE = /admin|poweruser|fullaccess|root/i;

/** What an approver should think of twice, as sentences. Pure, from names and numbers only. */
export function cautions(
  request: AccessRequest,
  hasAccessThere: boolean,
  extension: { totalMinutes: number; before: number } | null = null,
): string[] {
  const found: string[] = [];
  const asked = request.durationMinutes;
  const minutes = extension?.totalMinutes ?? asked;
  const session = Math.round(request.sessionSeconds / 60);
  if (PRODUCTION.test(request.ouPath) || PRODUCTION.test(request.accountName)) {
    found.push(`${request.accountName} looks like production.`);
  }
  if (WIDE.test(request.permissionSetName)) found.push(`${request.permissionSetName} is a wide role.`);
  if (session > asked) {
    found.push(
      `A session may last ${formatMinutes(session)}, longer than the ${formatMinutes(asked)}${extension ? ' more' : ''} asked for: what is opened last outlives the ${extension ? 'new end' : 'window'}.`,
    );
  }
  if (extension) {
    const first = extension.totalMinutes - asked;
    if (asked >= first) {
      found.push(`In all it would last ${formatMinutes(minutes)}, at least twice as long as until now.`);
    }
    if (extension.before > 0) {
      const times = extension.before === 1 ? 'once' : `${extension.before} times`;
      found.push(`It was extended ${times} before; it would last ${formatMinutes(minutes)} in all.`);
    }
  }
  if (hasAccessThere) found.push(`${request.requesterName} already has access to ${request.accountName}.`);
  return found;
}
