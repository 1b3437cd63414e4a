import { formatMinutes } from '../platform/time.ts';
import type { AccessRequest } from './types.ts';

const PRODUCTION = /\bprod/i;
const WIDE = /admin|poweruser|fullaccess|root/i;

/** What an approver should think of twice, as sentences. Pure, from names and numbers only. */
export function cautions(request: AccessRequest, hasAccessThere: boolean): string[] {
  const found: string[] = [];
  const minutes = request.durationMinutes;
  const session = Math.round(request.sessionSeconds / 60);
  if (PRODUCTION.test(request.ouPath) || PRODUCTION.test(request.accountName)) {
    found.push(`${request.accountName} looks like production.`);
  }
  if (WIDE.test(request.permissionSetName)) found.push(`${request.permissionSetName} is a wide role.`);
  if (session > minutes) {
    found.push(
      `A session may last ${formatMinutes(session)}, longer than the ${formatMinutes(minutes)} asked for: what is opened last outlives the window.`,
    );
  }
  if (hasAccessThere) found.push(`${request.requesterName} already has access to ${request.accountName}.`);
  return found;
}
