import { setTimeout as sleep } from 'node:timers/promises';
import { CALL_DEADLINE_MS } from '../platform/aws.ts';
import { budgetFamily } from '../platform/aws-quotas.ts';
import type { Priority } from '../platform/budget.ts';
import { messageOf, UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';

/** How an AWS call went wrong, as far as it matters what to do about it. */
export type AwsFailure = 'throttled' | 'denied' | 'not-found' | 'invalid' | 'away';

const DENIED = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'ExpiredTokenException',
  'ExpiredToken',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'MissingAuthenticationTokenException',
  'CredentialsProviderError',
]);
const THROTTLED = new Set(['ThrottlingException', 'TooManyRequestsException', 'Throttling', 'RequestLimitExceeded']);

/** What kind of failure an error of the AWS SDK is. Whatever is not known to be more means: away. */
export function failureOf(error: unknown): AwsFailure {
  const name = error instanceof Error ? error.name : '';
  if (THROTTLED.has(name)) return 'throttled';
  if (DENIED.has(name)) return 'denied';
  // An identity store whose encryption key is gone answers ResourceNotFoundException too, with a reason.
  if (name === 'ResourceNotFoundException' && propertyOf(error, 'Reason') === undefined) return 'not-found';
  if (name === 'ParentNotFoundException' || name === 'AccountNotFoundException') return 'not-found';
  if (name === 'ValidationException' || name === 'InvalidInputException') return 'invalid';
  return 'away';
}

/** True where AWS says that this user, and not something around it, does not exist. */
export function isUserGone(error: unknown): boolean {
  if (failureOf(error) !== 'not-found') return false;
  const type = propertyOf(error, 'ResourceType');
  return type === undefined || type === 'USER';
}

/** True where AWS says that what was asked for is no valid ID, and not that something around it, its key, is at fault. */
export function isNoId(error: unknown): boolean {
  return failureOf(error) === 'invalid' && propertyOf(error, 'Reason') === undefined;
}

/** Reading failed for a reason that a person or an operator is to read; `message` is a full sentence. */
export class AwsReadError extends UnavailableError {
  readonly failure: AwsFailure;

  constructor(failure: AwsFailure, message: string, options?: ErrorOptions) {
    super('aws-unavailable', message, options);
    this.failure = failure;
  }
}

export interface CallOptions {
  priority: Priority;
  /** Attempts in all where AWS throttles or is away. */
  attempts: number;
  /** Told how many things came with each page of a list. */
  onRead?: ((things: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * One read from AWS under the shared budget, tried again with back-off where that can help. `operation` is what an
 * operator finds in the IAM documentation: 'identitystore:ListUsers'. A last throttling, refusal
 * or absence of AWS throws `AwsReadError`; that something does not exist, or is not valid, is thrown as AWS says it.
 */
export async function callAws<Output>(
  platform: Platform,
  operation: string,
  { priority, attempts, signal }: CallOptions,
  send: (options: { abortSignal: AbortSignal }) => Promise<Output>,
): Promise<Output> {
  const family = budgetFamily(operation);
  for (let attempt = 1; ; attempt++) {
    await platform.budget.take(family, priority, signal);
    try {
      return await beforeDeadline(signal, send);
    } catch (error) {
      signal?.throwIfAborted();
      const failure = failureOf(error);
      if (failure === 'not-found' || failure === 'invalid') throw error;
      if (failure === 'denied' || attempt >= attempts) {
        throw new AwsReadError(failure, sentenceOf(failure, operation, error), { cause: error });
      }
      await sleep(backOffMs(attempt, error), undefined, signal ? { signal } : {});
    }
  }
}

/**
 * Aborts the call at its deadline, or with `signal`. Neither timer nor listener outlives the call: each would hold on
 * to its answer, and a copy of the directory makes thousands of calls.
 */
async function beforeDeadline<Output>(
  signal: AbortSignal | undefined,
  send: (options: { abortSignal: AbortSignal }) => Promise<Output>,
): Promise<Output> {
  const call = new AbortController();
  const abort = () => call.abort();
  const timer = setTimeout(abort, CALL_DEADLINE_MS);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    return await send({ abortSignal: call.signal });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** What `send` gives for one page: its items, as small as they are wanted, and the token of the next page. */
export interface Page<Item> {
  items: Item[] | undefined;
  next: string | undefined;
}

/** All pages of a list, each as one call of `callAws`. AWS may answer empty pages: only the token says where it ends. */
export async function callAwsForAll<Item>(
  platform: Platform,
  operation: string,
  call: CallOptions,
  send: (next: string | undefined, options: { abortSignal: AbortSignal }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const all: Item[] = [];
  const seen = new Set<string>();
  let next: string | undefined;
  do {
    const token = next;
    const page = await callAws(platform, operation, call, (options) => send(token, options));
    all.push(...(page.items ?? []));
    call.onRead?.(page.items?.length ?? 0);
    next = page.next || undefined;
    if (next !== undefined && seen.has(next)) {
      throw new AwsReadError('away', `AWS gave the same page of ${operation} twice, so the list would never end.`);
    }
    if (next !== undefined) seen.add(next);
  } while (next !== undefined);
  return all;
}

function backOffMs(attempt: number, error: unknown): number {
  const asked = Number(propertyOf(error, 'RetryAfterSeconds') ?? 0) * 1000;
  return Math.min(10_000, Math.max(asked, 200 * 2 ** attempt)) * (0.5 + Math.random() / 2);
}

function sentenceOf(failure: AwsFailure, operation: string, error: unknown): string {
  const name = error instanceof Error ? error.name : 'error';
  if (failure === 'throttled') {
    return `AWS answered ${operation} with ${name}: too many calls are made at the moment.`;
  }
  if (failure === 'denied') {
    return `AWS does not let Latchkey call ${operation} (${name}: ${messageOf(error)}). Check its credentials and the permissions of its role.`;
  }
  return `AWS did not answer ${operation} (${name}: ${messageOf(error)}).`;
}

function propertyOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null && name in error
    ? (error as Record<string, unknown>)[name]
    : undefined;
}
