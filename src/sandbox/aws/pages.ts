import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AwsError } from './errors.ts';

const tokenSchema = z.object({ from: z.number().int().nonnegative(), query: z.string(), empty: z.boolean() });

export interface PageRequest {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

interface PageOptions {
  /** What must be the same for a token to fit: the operation and its other parameters. */
  query: unknown;
  defaultSize: number;
  badToken(): AwsError;
  /** Puts an empty page after the first one: AWS does that, and a caller that stops there loses the rest. */
  emptySecondPage?: boolean;
}

/** One page of the items, and the token for the next one unless it was the last. */
export function pageOf<Item>(items: readonly Item[], request: PageRequest, options: PageOptions) {
  const query = createHash('sha256').update(JSON.stringify(options.query)).digest('base64').slice(0, 12);
  const token = request.NextToken === undefined ? undefined : readToken(request.NextToken);
  if (request.NextToken !== undefined && token?.query !== query) throw options.badToken();

  const from = token?.from ?? 0;
  if (token?.empty) return { page: [], NextToken: writeToken({ from, query, empty: false }) };

  const end = from + (request.MaxResults ?? options.defaultSize);
  if (end >= items.length) return { page: items.slice(from), NextToken: undefined };
  const empty = options.emptySecondPage === true && token === undefined;
  return { page: items.slice(from, end), NextToken: writeToken({ from: end, query, empty }) };
}

function writeToken(token: z.infer<typeof tokenSchema>): string {
  return Buffer.from(JSON.stringify(token)).toString('base64');
}

function readToken(text: string): z.infer<typeof tokenSchema> | undefined {
  try {
    return tokenSchema.parse(JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
  } catch {
    return undefined;
  }
}
