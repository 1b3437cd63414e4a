import { DEMO_SETTINGS } from './settings.ts';
import { plusMinutes, type Story } from './story.ts';

/** The request's own status, apart from its grant's. */
export function statusOf({ outcome }: Story): string {
  return outcome.kind === 'given' ? 'approved' : outcome.kind;
}

/** When it expires if nobody decides: after the waiting time, or when its window would be over. */
export function expiryOf({ submittedAt, startsAt, minutes }: Story): Date {
  const waited = plusMinutes(submittedAt, DEMO_SETTINGS.requestExpiryMinutes);
  const windowOver = startsAt ? plusMinutes(startsAt, minutes) : waited;
  return windowOver < waited ? windowOver : waited;
}
