import type { IncomingHttpHeaders } from 'node:http';
import type { AwsError } from './errors.ts';

/** An AWS call as it came over the wire. */
export interface Incoming {
  /** What the service is called on the wire: the target prefix, or `sts` for the query protocol. */
  target: string;
  operation: string;
  input: Record<string, unknown>;
}

/** An answer as it goes over the wire. */
interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** How one wire protocol writes its answers. */
export interface Protocol {
  success(operation: string, output: object, requestId: string): Answer;
  failure(error: AwsError, requestId: string): Answer;
}

/** AWS JSON 1.1: the operation in a header, JSON in and out. */
export const jsonProtocol: Protocol = {
  success: (_operation, output, requestId) => ({
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
    body: JSON.stringify(output),
  }),
  failure: ({ code, message, status, members }, requestId) => ({
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': code,
    },
    body: JSON.stringify({ __type: code, message, Message: message, ...members }),
  }),
};

const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** AWS Query: a form in, XML out. */
export const queryProtocol: Protocol = {
  success: (operation, output, requestId) => ({
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      `<${operation}Response xmlns="${STS_NAMESPACE}"><${operation}Result>${xml(output)}</${operation}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
  }),
  failure: ({ code, message, status }, requestId) => ({
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      `<ErrorResponse xmlns="${STS_NAMESPACE}"><Error><Type>${status >= 500 ? 'Receiver' : 'Sender'}</Type>` +
      `${xml({ Code: code, Message: message })}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  }),
};

/** Reads a call of either protocol; undefined if it is neither. */
export function readIncoming(headers: IncomingHttpHeaders, body: string): Incoming | undefined {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    // CloudTrail's published target has dots before the part that counts.
    const [service, operation] = target.split('.').slice(-2);
    const input = readObject(body);
    return service && operation && input ? { target: service, operation, input } : undefined;
  }
  const { Action: operation, Version: _version, ...input } = Object.fromEntries(new URLSearchParams(body));
  return operation === undefined ? undefined : { target: 'sts', operation, input };
}

function readObject(body: string): Record<string, unknown> | undefined {
  try {
    const input: unknown = JSON.parse(body === '' ? '{}' : body);
    return typeof input === 'object' && input !== null && !Array.isArray(input) ? { ...input } : undefined;
  } catch {
    return undefined;
  }
}

function xml(members: object): string {
  return Object.entries(members)
    .map(([name, value]) => `<${name}>${typeof value === 'object' ? xml(value) : escapeXml(String(value))}</${name}>`)
    .join('');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
