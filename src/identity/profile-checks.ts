import { SamlRejection } from './rejection.ts';
import { type ResponseEnvelope, SUCCESS } from './response-checks.ts';
import type { SignedAssertion } from './signed-assertion.ts';

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

/** How far the identity provider's clock and the database's may be apart. */
export const SKEW_MS = 60_000;
/** How long after it was issued an assertion is taken. */
export const MOST_AGE_MS = 300_000;
/**
 * The access portal keeps a person signed in for up to 90 days (IAM Identity Center, session duration), and an
 * assertion made then may carry the first sign-in's instant.
 */
const MOST_AUTHN_AGE_MS = 90 * 24 * 3_600_000;

/** What a response for us, and for nobody else, says. */
export interface Expected {
  issuer: string;
  audience: string;
  acsUrl: string;
}

/** What is true of an assertion that passed. */
export interface AssertedSignIn {
  assertionId: string;
  nameId: string;
  /** Null: nobody here asked for it. */
  inResponseTo: string | null;
  /** After this, nobody would take the assertion again. */
  usableUntil: Date;
}

/**
 * The rules of the SAML Web Browser SSO profile (SAML 2.0 Profiles, 4.1.4.2 and 4.1.4.3) that node-saml leaves to
 * its caller, and those that it does keep, once more. Throws `SamlRejection`; `now` is the database's time.
 */
export function assertProfile(
  assertion: SignedAssertion,
  response: ResponseEnvelope,
  expected: Expected,
  now: Date,
): AssertedSignIn {
  if (response.status !== SUCCESS) throw new SamlRejection('status', response.status ?? 'none');
  for (const issuer of [response.issuer, assertion.issuer]) {
    if (issuer !== expected.issuer) throw new SamlRejection('issuer', issuer ?? 'none');
  }
  if (response.destination !== expected.acsUrl) throw new SamlRejection('destination', response.destination ?? 'none');
  if (!assertion.id || assertion.id !== response.assertionId) throw new SamlRejection('structure', 'another Assertion');

  const confirmation = theConfirmation(assertion);
  if (confirmation.recipient !== expected.acsUrl)
    throw new SamlRejection('recipient', confirmation.recipient ?? 'none');
  if (confirmation.inResponseTo !== response.inResponseTo) {
    throw new SamlRejection('in-response-to', `${response.inResponseTo} and ${confirmation.inResponseTo}`);
  }
  checkAudience(assertion, expected.audience);

  if (assertion.notBefore === null || assertion.notOnOrAfter === null) throw new SamlRejection('conditions');
  const ends = [assertion.notOnOrAfter, confirmation.notOnOrAfter].map(instant);
  const at = now.getTime();
  if (at < instant(assertion.notBefore) - SKEW_MS) throw new SamlRejection('not-yet-valid', assertion.notBefore);
  if (ends.some((end) => at >= end + SKEW_MS)) throw new SamlRejection('expired', assertion.notOnOrAfter);
  for (const issued of [response.issueInstant, assertion.issueInstant]) {
    checkAge(issued, MOST_AGE_MS, at, 'too-old');
  }
  checkAge(assertion.authnInstant, MOST_AUTHN_AGE_MS, at, 'authn-statement');
  if (assertion.sessionNotOnOrAfter !== null && at >= instant(assertion.sessionNotOnOrAfter) + SKEW_MS) {
    throw new SamlRejection('authn-statement', 'the session at the identity provider is over');
  }
  return {
    assertionId: assertion.id,
    nameId: checkedName(assertion.nameId),
    inResponseTo: confirmation.inResponseTo,
    usableUntil: new Date(Math.max(...ends) + SKEW_MS),
  };
}

function theConfirmation(assertion: SignedAssertion) {
  const [confirmation, another] = assertion.confirmations;
  if (!confirmation || another) {
    throw new SamlRejection('subject-confirmation', `${assertion.confirmations.length} confirmations`);
  }
  if (confirmation.method !== BEARER) throw new SamlRejection('subject-confirmation', confirmation.method ?? 'none');
  // The profile forbids NotBefore here and demands NotOnOrAfter.
  if (confirmation.notBefore !== null || confirmation.notOnOrAfter === null) {
    throw new SamlRejection('subject-confirmation', 'its times');
  }
  return confirmation;
}

function checkAudience(assertion: SignedAssertion, audience: string): void {
  const forUs = assertion.audiences.every((restriction) => restriction.includes(audience));
  if (assertion.audiences.length === 0 || !forUs) throw new SamlRejection('audience', assertion.audiences.join('; '));
}

function checkAge(time: string | null, mostMs: number, at: number, reason: 'too-old' | 'authn-statement'): void {
  const then = instant(time);
  if (then - SKEW_MS > at) throw new SamlRejection('not-yet-valid', time ?? '');
  if (at >= then + mostMs + SKEW_MS) throw new SamlRejection(reason, time ?? '');
}

/** SAML's times are UTC, written with Z (SAML 2.0 Core, 1.3.3). */
function instant(time: string | null): number {
  const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(time ?? '')
    ? Date.parse(time ?? '')
    : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new SamlRejection('time-format', time ?? 'none');
  return milliseconds;
}

/** A user name has at most 128 characters (Identity Store API, UserName); nothing is trimmed or folded. */
function checkedName(nameId: string): string {
  if (nameId === '' || nameId.length > 128 || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(nameId)) throw new SamlRejection('name-id');
  return nameId;
}
