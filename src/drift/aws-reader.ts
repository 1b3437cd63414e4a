import { setTimeout as sleep } from 'node:timers/promises';
import {
  ListAccountAssignmentsCommand,
  ListAccountAssignmentsForPrincipalCommand,
  ListPermissionSetsProvisionedToAccountCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-sso-admin';
import { boundInstance } from '../directory/index.ts';
import { CALL_DEADLINE_MS } from '../platform/aws.ts';
import type { Platform } from '../platform/index.ts';
import type { DriftTuple } from './known-store.ts';

/** How quickly is read, in milliseconds: the least time between two calls, and how long a call rests that failed. */
export interface Pace {
  pauseMs: number;
  /** After the first failure; twice that after each further one. */
  retryMs: number;
}

/** What nobody waits for; at most one process at a time reads like that, so no budget has to be shared for it. */
export const SLOW: Pace = { pauseMs: 1_000, retryMs: 1_000 };
/** What somebody waits for. */
export const ASKED: Pace = { pauseMs: 0, retryMs: 500 };

/** The only way of drift to AWS. Reads, and nothing else; whatever AWS throws, the callers conclude nothing from it. */
export interface DriftReader {
  /** The permission sets that AWS has in the account; null where it does not know the account. */
  setsIn(accountId: string): Promise<string[] | null>;
  /** The users' assignments of one permission set in one account; null where AWS does not know one of them. */
  assignmentsOf(accountId: string, permissionSetArn: string): Promise<DriftTuple[] | null>;
  /** A user's own assignments, without what comes through groups. AWS answers it to the management account only. */
  assignmentsOfUser(principalId: string): Promise<DriftTuple[]>;
}

const ATTEMPTS = 4;

export function createDriftReader(platform: Platform, pace: Pace, signal: AbortSignal): DriftReader {
  const { aws, budget } = platform;
  let nextAt = 0;

  async function pages<Item>(
    send: (
      NextToken: string | undefined,
      options: { abortSignal: AbortSignal },
    ) => Promise<{ items: Item[] | undefined; next: string | undefined }>,
  ): Promise<Item[]> {
    const all: Item[] = [];
    const tokens = new Set<string>();
    let next: string | undefined;
    do {
      const token = next;
      const page = await call((options) => send(token, options));
      all.push(...(page.items ?? []));
      next = page.next || undefined;
      if (next !== undefined && tokens.has(next)) throw new Error('AWS gave the same page twice; the list has no end.');
      if (next !== undefined) tokens.add(next);
      // A page may be empty and still not be the last.
    } while (next !== undefined);
    return all;
  }

  async function call<Output>(send: (options: { abortSignal: AbortSignal }) => Promise<Output>): Promise<Output> {
    for (let attempt = 1; ; attempt++) {
      await pauseUntil(nextAt, signal);
      await budget.take('sso-admin', 'sync', signal);
      nextAt = performance.now() + pace.pauseMs;
      try {
        return await send({ abortSignal: AbortSignal.any([AbortSignal.timeout(CALL_DEADLINE_MS), signal]) });
      } catch (error) {
        signal.throwIfAborted();
        if (!mayPass(error) || attempt >= ATTEMPTS) throw error;
        nextAt = performance.now() + pace.retryMs * 2 ** (attempt - 1);
      }
    }
  }

  // Nothing is concluded from it: what is gone for good, the engine finds out for its own, and the copy for the rest.
  const nullIfUnknown = (error: unknown): null => {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  };

  return {
    async setsIn(AccountId) {
      const { instanceArn: InstanceArn } = await boundInstance(platform);
      return pages(async (NextToken, options) => {
        const input = { InstanceArn, AccountId, NextToken, MaxResults: 100 };
        const answer = await aws.ssoAdmin.send(new ListPermissionSetsProvisionedToAccountCommand(input), options);
        return { items: answer.PermissionSets, next: answer.NextToken };
      }).catch(nullIfUnknown);
    },

    async assignmentsOf(AccountId, PermissionSetArn) {
      const { instanceArn: InstanceArn } = await boundInstance(platform);
      const found = await pages(async (NextToken, options) => {
        const input = { InstanceArn, AccountId, PermissionSetArn, NextToken, MaxResults: 100 };
        const answer = await aws.ssoAdmin.send(new ListAccountAssignmentsCommand(input), options);
        return { items: answer.AccountAssignments, next: answer.NextToken };
      }).catch(nullIfUnknown);
      if (found === null) return null;
      return found.flatMap(({ PrincipalType, PrincipalId }) =>
        PrincipalType === 'USER' && PrincipalId
          ? [{ principalId: PrincipalId, accountId: AccountId, permissionSetArn: PermissionSetArn }]
          : [],
      );
    },

    async assignmentsOfUser(principalId) {
      const { instanceArn: InstanceArn } = await boundInstance(platform);
      const found = await pages(async (NextToken, options) => {
        const input = {
          InstanceArn,
          PrincipalId: principalId,
          PrincipalType: 'USER' as const,
          NextToken,
          MaxResults: 100,
        };
        const answer = await aws.ssoAdmin.send(new ListAccountAssignmentsForPrincipalCommand(input), options);
        return { items: answer.AccountAssignments, next: answer.NextToken };
      });
      // AWS does not say whether what comes through groups is listed too.
      return found.flatMap(({ PrincipalType, PrincipalId, AccountId, PermissionSetArn }) =>
        PrincipalType === 'USER' && PrincipalId === principalId && AccountId && PermissionSetArn
          ? [{ principalId, accountId: AccountId, permissionSetArn: PermissionSetArn }]
          : [],
      );
    },
  };
}

/** Whether the same question may be answered a little later: AWS is busy, broken or cannot be reached. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ThrottlingException' || error.name === 'TooManyRequestsException') return true;
  const { httpStatusCode } = ('$metadata' in error ? error.$metadata : {}) as { httpStatusCode?: number };
  return httpStatusCode === undefined || httpStatusCode >= 500;
}

async function pauseUntil(at: number, signal: AbortSignal): Promise<void> {
  const ms = at - performance.now();
  if (ms > 0) await sleep(ms, undefined, { signal });
}
