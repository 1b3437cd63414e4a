import { SamlRejection } from './rejection.ts';
import { ASSERTION, attribute, childrenNamed, type Element, parseXml } from './xml.ts';

export interface SubjectConfirmation {
  method: string | null;
  recipient: string | null;
  inResponseTo: string | null;
  notBefore: string | null;
  notOnOrAfter: string | null;
}

/** What was signed, as text. Null: absent. */
export interface SignedAssertion {
  id: string | null;
  issueInstant: string | null;
  issuer: string | null;
  nameId: string;
  confirmations: SubjectConfirmation[];
  notBefore: string | null;
  notOnOrAfter: string | null;
  /** The audiences of each restriction: all restrictions hold, and one of each one's audiences is enough. */
  audiences: string[][];
  authnInstant: string | null;
  sessionNotOnOrAfter: string | null;
}

/** Reads the verified bytes of an assertion, as node-saml gives them back: never anything around them. */
export function readSignedAssertion(xml: string): SignedAssertion {
  const root = parseXml(xml);
  const subject = only(root, 'Subject');
  const conditions = only(root, 'Conditions');
  const authn = only(root, 'AuthnStatement');
  return {
    id: attribute(root, 'ID'),
    issueInstant: attribute(root, 'IssueInstant'),
    issuer: only(root, 'Issuer').textContent,
    nameId: only(subject, 'NameID').textContent ?? '',
    confirmations: named(subject, 'SubjectConfirmation').map(readConfirmation),
    notBefore: attribute(conditions, 'NotBefore'),
    notOnOrAfter: attribute(conditions, 'NotOnOrAfter'),
    audiences: named(conditions, 'AudienceRestriction').map((restriction) =>
      named(restriction, 'Audience').map((audience) => audience.textContent ?? ''),
    ),
    authnInstant: attribute(authn, 'AuthnInstant'),
    sessionNotOnOrAfter: attribute(authn, 'SessionNotOnOrAfter'),
  };
}

function readConfirmation(confirmation: Element): SubjectConfirmation {
  const [data, another] = named(confirmation, 'SubjectConfirmationData');
  if (!data || another) throw new SamlRejection('subject-confirmation', 'not exactly one SubjectConfirmationData');
  return {
    method: attribute(confirmation, 'Method'),
    recipient: attribute(data, 'Recipient'),
    inResponseTo: attribute(data, 'InResponseTo'),
    notBefore: attribute(data, 'NotBefore'),
    notOnOrAfter: attribute(data, 'NotOnOrAfter'),
  };
}

const named = (parent: Element, name: string) => childrenNamed(parent, ASSERTION, name);

function only(parent: Element, name: string): Element {
  const [child, another] = named(parent, name);
  if (!child || another) throw new SamlRejection('structure', `not exactly one ${name}`);
  return child;
}
