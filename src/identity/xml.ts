import { DOMParser, type Document, type Element, onWarningStopParsing } from '@xmldom/xmldom';

export type { Element };

export const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
export const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
export const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** The root of a well-formed document. Throws at the first thing that the parser so much as warns of. */
export function parseXml(xml: string): Element {
  const document: Document = new DOMParser({ onError: onWarningStopParsing }).parseFromString(xml, 'text/xml');
  const root = document.documentElement;
  if (root === null) throw new Error('there is no root element');
  return root;
}

export function children(parent: Element): Element[] {
  return [...parent.childNodes].filter((node) => node.nodeType === node.ELEMENT_NODE) as Element[];
}

export function childrenNamed(parent: Element, namespace: string, name: string): Element[] {
  return children(parent).filter((each) => each.namespaceURI === namespace && each.localName === name);
}

/** Null where the attribute is absent; its value, which may be empty, where it is there. */
export function attribute(element: Element, name: string): string | null {
  return element.hasAttribute(name) ? element.getAttribute(name) : null;
}

/** The element and all elements in it, from the top down, with their depth. Not recursive: depth is what attackers choose. */
export function* walk(root: Element): Generator<{ element: Element; depth: number }> {
  const stack = [{ element: root, depth: 0 }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    yield next;
    for (const child of children(next.element)) stack.push({ element: child, depth: next.depth + 1 });
  }
}
