import { AppError } from '../platform/errors.ts';

/** The post itself was not one that an identity provider sends: answered with 400. */
const TRANSPORT = ['content-type', 'too-large', 'parameters', 'base64', 'utf8'] as const;

/** Why a SAML response was turned away: stable words for the audit log, metrics and tests. */
export type RejectionReason =
  | (typeof TRANSPORT)[number]
  // The text and the shape of the XML.
  | 'doctype'
  | 'processing-instruction'
  | 'comment'
  | 'not-xml'
  | 'structure'
  | 'encrypted'
  | 'duplicate-id'
  | 'algorithm'
  // The signature, and what it covers.
  | 'signature'
  | 'verification'
  | 'status'
  | 'issuer'
  | 'destination'
  | 'recipient'
  | 'audience'
  | 'subject-confirmation'
  | 'conditions'
  | 'time-format'
  | 'not-yet-valid'
  | 'expired'
  | 'too-old'
  | 'authn-statement'
  | 'name-id'
  | 'in-response-to'
  // How it relates to a sign-in that was started here.
  | 'unsolicited'
  | 'request-unknown'
  | 'request-expired'
  | 'browser-binding'
  | 'replayed'
  // Who it names.
  | 'user-unknown'
  | 'user-disabled';

const STARTED_ELSEWHERE =
  'This sign-in was not started in this browser, or cookies are blocked. Start it again here, with cookies allowed.';
const TOO_LATE = 'This sign-in took longer than it may, or was used before. Start it again.';
const NOT_A_PERSON =
  'Identity Center signed you in, but Latchkey cannot find you there as an enabled user. Ask the people who run Identity Center.';

const SENTENCES: Partial<Record<RejectionReason, string>> = {
  'browser-binding': STARTED_ELSEWHERE,
  'request-unknown': TOO_LATE,
  'request-expired': TOO_LATE,
  replayed: TOO_LATE,
  expired: TOO_LATE,
  'too-old': TOO_LATE,
  'user-unknown': NOT_A_PERSON,
  'user-disabled': NOT_A_PERSON,
  status: 'Identity Center did not sign you in. Start again; if it stays so, ask the people who run Identity Center.',
};

/**
 * A SAML response that signs nobody in. What the person reads does not say which check failed: that is in the audit
 * log, with `detail` for the people who run the portal.
 */
export class SamlRejection extends AppError {
  readonly status: 400 | 403;
  readonly reason: RejectionReason;
  readonly detail: string;

  constructor(reason: RejectionReason, detail = '') {
    super(
      `saml-${reason}`,
      SENTENCES[reason] ??
        'The answer from Identity Center could not be verified, so you were not signed in. Start again; if it stays so, tell the people who run Latchkey.',
    );
    this.reason = reason;
    this.detail = detail;
    this.status = (TRANSPORT as readonly string[]).includes(reason) ? 400 : 403;
  }
}
