import { messageOf } from '../platform/errors.ts';
import type { Problem } from './problem.ts';

type Meaning = Omit<Problem, 'text'>;

const BUSY: Meaning = { kind: 'busy', effect: 'none', permanent: false, words: 'AWS is busy.' };
const CREDENTIALS: Meaning = {
  kind: 'credentials',
  effect: 'none',
  permanent: false,
  words: 'AWS does not accept the credentials of Latchkey.',
};
const NOT_REACHED: Meaning = { kind: 'away', effect: 'none', permanent: false, words: 'AWS cannot be reached.' };
const AWAY: Meaning = { kind: 'away', effect: 'unknown', permanent: false, words: 'AWS does not work as it should.' };
const NO_ANSWER: Meaning = { kind: 'no-answer', effect: 'unknown', permanent: false, words: 'AWS did not answer.' };

/**
 * What each error of SSO Admin means to us, by the name of its exception (AWS service model sso-admin, 2020-07-20).
 * `permanent` concerns giving access only; taking it away is tried again whatever the error.
 */
const MEANINGS: Record<string, Meaning> = {
  ThrottlingException: BUSY,
  TooManyRequestsException: BUSY,
  // "Occurs when a conflict with a previous successful write is detected … A retry is the recommended response."
  ConflictException: {
    kind: 'conflict',
    effect: 'none',
    permanent: false,
    words: 'AWS is still working on another change of the same access.',
  },
  ResourceNotFoundException: {
    kind: 'gone',
    effect: 'none',
    permanent: true,
    words: 'The account, the permission set or the person no longer exists in AWS.',
  },
  AccessDeniedException: {
    kind: 'forbidden',
    effect: 'none',
    permanent: true,
    words: 'AWS does not allow Latchkey to give this access; an administrator can see to that.',
  },
  ValidationException: { kind: 'invalid', effect: 'none', permanent: true, words: 'AWS does not accept the request.' },
  ServiceQuotaExceededException: {
    kind: 'quota',
    effect: 'none',
    permanent: true,
    words: 'A limit of AWS is reached; an administrator can have it raised.',
  },
  InternalServerException: AWAY,
  ServiceUnavailableException: AWAY,
  ExpiredTokenException: CREDENTIALS,
  UnrecognizedClientException: CREDENTIALS,
  InvalidClientTokenId: CREDENTIALS,
  InvalidSignatureException: CREDENTIALS,
  CredentialsProviderError: CREDENTIALS,
  TimeoutError: NO_ANSWER,
  AbortError: NO_ANSWER,
};

/** Node's codes for a connection that never came to be: nothing was sent. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The meaning of anything that a call to SSO Admin throws; what is not in the table may have taken effect. */
export function problemOf(error: unknown): Problem {
  const text = messageOf(error);
  if (!(error instanceof Error)) return { ...NO_ANSWER, kind: 'other', text };
  const code = 'code' in error ? String(error.code) : '';
  if (NEVER_CONNECTED.has(code)) return { ...NOT_REACHED, text: text || code };
  return { ...(MEANINGS[error.name] ?? { ...NO_ANSWER, kind: 'other' }), text: text || error.name };
}
