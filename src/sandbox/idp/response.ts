import { randomUUID } from 'node:crypto';
import { escapeText } from '../pages/html.ts';

/**
 * Everything that a response says. `null` leaves the attribute or element out, which real responses never do, except
 * `inResponseTo` for one that nobody asked for: it is there so that tests can make every wrong response there is.
 */
export interface ResponseContent {
  responseId: string;
  assertionId: string;
  responseIssuer: string | null;
  assertionIssuer: string | null;
  destination: string | null;
  /** On the Response. */
  inResponseTo: string | null;
  issueInstant: Date;
  statusCode: string;
  nameId: string;
  nameIdFormat: string;
  /** `null` leaves the whole SubjectConfirmation out. */
  confirmationMethod: string | null;
  recipient: string | null;
  /** On the SubjectConfirmationData; the same as `inResponseTo` unless it is given. */
  confirmationInResponseTo: string | null;
  confirmationNotBefore: Date | null;
  confirmationNotOnOrAfter: Date | null;
  notBefore: Date | null;
  notOnOrAfter: Date | null;
  audience: string | null;
  authnInstant: Date;
  sessionNotOnOrAfter: Date | null;
  sessionIndex: string;
  attributes: Record<string, string | string[]>;
}

export type RequiredContent = Pick<ResponseContent, 'destination' | 'audience' | 'inResponseTo' | 'nameId'> & {
  issuer: string;
};

const success = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
export const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

const minutes = (from: Date, count: number) => new Date(from.getTime() + count * 60_000);

/** The unsigned XML of a response per the Web browser SSO profile. What is not given takes the value that is right. */
export function buildResponse(given: RequiredContent & Partial<ResponseContent>): string {
  const now = given.issueInstant ?? new Date();
  return responseXml({
    responseId: `_${randomUUID()}`,
    assertionId: `_${randomUUID()}`,
    responseIssuer: given.issuer,
    assertionIssuer: given.issuer,
    issueInstant: now,
    statusCode: success,
    nameIdFormat: persistent,
    confirmationMethod: bearer,
    recipient: given.destination,
    confirmationInResponseTo: given.inResponseTo,
    confirmationNotBefore: null,
    confirmationNotOnOrAfter: minutes(now, 5),
    notBefore: minutes(now, -5),
    notOnOrAfter: minutes(now, 5),
    authnInstant: now,
    sessionNotOnOrAfter: minutes(now, 60),
    sessionIndex: `_${randomUUID()}`,
    attributes: {},
    ...given,
  });
}

function responseXml(content: ResponseContent): string {
  const attributes = attributeList({
    Destination: content.destination,
    ID: content.responseId,
    InResponseTo: content.inResponseTo,
    IssueInstant: content.issueInstant,
    Version: '2.0',
  });
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"${attributes}>` +
    issuerXml(content.responseIssuer) +
    `<saml2p:Status><saml2p:StatusCode Value="${escapeText(content.statusCode)}"/></saml2p:Status>` +
    assertionXml(content) +
    '</saml2p:Response>'
  );
}

function assertionXml(content: ResponseContent): string {
  const attributes = attributeList({ ID: content.assertionId, IssueInstant: content.issueInstant, Version: '2.0' });
  return (
    `<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"${attributes}>` +
    issuerXml(content.assertionIssuer) +
    subjectXml(content) +
    conditionsXml(content) +
    authnStatementXml(content) +
    attributeStatementXml(content.attributes) +
    '</saml2:Assertion>'
  );
}

function subjectXml(content: ResponseContent): string {
  const format = escapeText(content.nameIdFormat);
  const nameId = `<saml2:NameID Format="${format}">${escapeText(content.nameId)}</saml2:NameID>`;
  return `<saml2:Subject>${nameId}${confirmationXml(content)}</saml2:Subject>`;
}

function issuerXml(issuer: string | null): string {
  if (issuer === null) return '';
  const namespace = 'xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"';
  const format = 'Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"';
  return `<saml2:Issuer ${namespace} ${format}>${escapeText(issuer)}</saml2:Issuer>`;
}

function confirmationXml(content: ResponseContent): string {
  if (content.confirmationMethod === null) return '';
  const data = attributeList({
    InResponseTo: content.confirmationInResponseTo,
    NotBefore: content.confirmationNotBefore,
    NotOnOrAfter: content.confirmationNotOnOrAfter,
    Recipient: content.recipient,
  });
  return (
    `<saml2:SubjectConfirmation Method="${escapeText(content.confirmationMethod)}">` +
    `<saml2:SubjectConfirmationData${data}/></saml2:SubjectConfirmation>`
  );
}

function conditionsXml(content: ResponseContent): string {
  const attributes = attributeList({ NotBefore: content.notBefore, NotOnOrAfter: content.notOnOrAfter });
  if (content.audience === null) return `<saml2:Conditions${attributes}/>`;
  const audience = `<saml2:Audience>${escapeText(content.audience)}</saml2:Audience>`;
  const restriction = `<saml2:AudienceRestriction>${audience}</saml2:AudienceRestriction>`;
  return `<saml2:Conditions${attributes}>${restriction}</saml2:Conditions>`;
}

function authnStatementXml(content: ResponseContent): string {
  const attributes = attributeList({
    AuthnInstant: content.authnInstant,
    SessionIndex: content.sessionIndex,
    SessionNotOnOrAfter: content.sessionNotOnOrAfter,
  });
  const context = 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password';
  return (
    `<saml2:AuthnStatement${attributes}><saml2:AuthnContext>` +
    `<saml2:AuthnContextClassRef>${context}</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>`
  );
}

/** Without any attribute the statement stays there empty, as Identity Center sends it against the schema. */
function attributeStatementXml(attributes: ResponseContent['attributes']): string {
  const type = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
  const items = Object.entries(attributes).map(([name, values]) => {
    const list = [values].flat().map((value) => {
      return `<saml2:AttributeValue ${type} xsi:type="xs:string">${escapeText(value)}</saml2:AttributeValue>`;
    });
    const format = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';
    return `<saml2:Attribute Name="${escapeText(name)}" NameFormat="${format}">${list.join('')}</saml2:Attribute>`;
  });
  return `<saml2:AttributeStatement>${items.join('')}</saml2:AttributeStatement>`;
}

function attributeList(values: Record<string, string | Date | null>): string {
  const print = (value: string | Date) => (value instanceof Date ? value.toISOString() : escapeText(value));
  return Object.entries(values)
    .map(([name, value]) => (value === null ? '' : ` ${name}="${print(value)}"`))
    .join('');
}
