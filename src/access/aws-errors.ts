import { messageOf } from '../platform/errors.ts';
import type { Problem } from './problem.ts';
import { WAYS } from './ways.ts';

/** How an error is met: by which row of `ways.ts`, whether the write may have worked, and whether giving fails for good. */
type Meaning = Pick<Problem, 'kind' | 'effect' | 'permanent'>;

const refused = (kind: Problem['kind']): Meaning => ({ kind, effect: 'none', permanent: false });
const final = (kind: Problem['kind']): Meaning => ({ kind, effect: 'none', permanent: true });
const unknown = (kind: Problem['kind']): Meaning => ({ kind, effect: 'unknown', permanent: false });

/** The errors of SSO Admin, by the name of the exception (AWS service model sso-admin, 2020-07-20). */
const MEANINGS: Record<string, Meaning> = {
  ThrottlingException: refused('busy'),
  TooManyRequestsException: refused('busy'),
  // "Occurs when a conflict with a previous successful write is detected … A retry is the recommended response."
  ConflictException: refused('conflict'),
  ResourceNotFoundException: final('gone'),
  AccessDeniedException: final('forbidden'),
  ValidationException: final('invalid'),
  ServiceQuotaExceededException: final('quota'),
  InternalServerException: unknown('away'),
  ServiceUnavailableException: unknown('away'),
  ExpiredTokenException: refused('credentials'),
  UnrecognizedClientException: refused('credentials'),
  InvalidClientTokenId: refused('credentials'),
  InvalidSignatureException: refused('credentials'),
  CredentialsProviderError: refused('credentials'),
  TimeoutError: unknown('no-answer'),
  AbortError: unknown('no-answer'),
};

/** Node's codes for a connection that never came to be: nothing was sent. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The meaning of anything that a call to SSO Admin throws; what is not in the table may have taken effect. */
export function problemOf(error: unknown): Problem {
  const text = messageOf(error);
  if (!(error instanceof Error)) return { ...unknown('other'), words: WAYS.other.words, text };
  const code = 'code' in error ? String(error.code) : '';
  if (NEVER_CONNECTED.has(code)) return { ...refused('away'), words: 'AWS cannot be reached.', text: text || code };
  const meaning = aboutKey(error) ? refused('key') : (MEANINGS[error.name] ?? unknown('other'));
  return { ...meaning, words: WAYS[meaning.kind].words, text: text || error.name };
}

/** AWS does not know what was asked about; an Identity Center whose key is away says so of everything. */
export function isUnknownToAws(error: unknown): boolean {
  return error instanceof Error && error.name === 'ResourceNotFoundException' && !aboutKey(error);
}

/** "Reason", of ThrottlingException, AccessDeniedException, ResourceNotFoundException and ValidationException alike. */
function aboutKey(error: Error): boolean {
  return 'Reason' in error && String(error.Reason).startsWith('KMS_');
}
