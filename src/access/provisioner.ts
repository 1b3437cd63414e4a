import {
  AccessDeniedException,
  type AccountAssignmentOperationStatus,
  type AccountAssignmentOperationStatusMetadata,
  CreateAccountAssignmentCommand,
  DeleteAccountAssignmentCommand,
  DescribeAccountAssignmentCreationStatusCommand,
  DescribeAccountAssignmentDeletionStatusCommand,
  ListAccountAssignmentCreationStatusCommand,
  ListAccountAssignmentDeletionStatusCommand,
  ListAccountAssignmentsCommand,
} from '@aws-sdk/client-sso-admin';
import { CALL_DEADLINE_MS } from '../platform/aws.ts';
import type { Priority } from '../platform/budget.ts';
import type { Platform } from '../platform/index.ts';
import { isUnknownToAws } from './aws-errors.ts';
import type { PolledStatus, WriteStatus } from './learn.ts';
import { type AskedOperation, createStatuses, type StatusPage } from './statuses.ts';
import type { OperationKind } from './tuple.ts';

/** An account assignment, as AWS names it. */
export interface TupleKey {
  instanceArn: string;
  principalType: 'USER' | 'GROUP';
  principalId: string;
  targetId: string;
  permissionSetArn: string;
}

export interface Asked {
  status: WriteStatus;
  awsRequestId: string | null;
  reason: string | null;
}

/** The only way to SSO Admin. Each call is over, one way or the other, within ten seconds of its token. */
export interface Provisioner {
  /** Waits for the budget's token of the next write; throws when `signal` ends the waiting. */
  reserve(key: TupleKey, priority: Priority, signal: AbortSignal): Promise<void>;
  /** Asks for the assignment to be made; the token is in hand. */
  create(key: TupleKey): Promise<Asked>;
  /** Asks for the assignment to be removed; the token is in hand. */
  delete(key: TupleKey): Promise<Asked>;
  /**
   * How far an earlier create or delete is; `alone`: with the reason where it failed, which the list of many that
   * are in progress does not tell.
   */
  status(
    key: TupleKey,
    operation: AskedOperation & { alone: boolean },
    priority: Priority,
    signal: AbortSignal,
  ): Promise<{ status: PolledStatus; reason: string | null }>;
  /** Whether the assignment is listed. A permission set or account that is gone lists nothing: `gone`. */
  look(key: TupleKey, priority: Priority, signal: AbortSignal): Promise<{ present: boolean; gone: boolean }>;
}

const FAMILY = 'sso-admin';
/** Milliseconds after which a list of statuses that AWS forbade is tried again. */
const LISTS_DENIED_MS = 10 * 60_000;

/** Milliseconds after which one status that still waits for its token may be worth a list, with others that came meanwhile. */
const ALONE_MS = 1_000;

export function createProvisioner({ aws, budget }: Pick<Platform, 'aws' | 'budget'>): Provisioner {
  const deadline = () => ({ abortSignal: AbortSignal.timeout(CALL_DEADLINE_MS) });
  const member = (key: TupleKey) => ({
    InstanceArn: key.instanceArn,
    PrincipalType: key.principalType,
    PrincipalId: key.principalId,
    TargetType: 'AWS_ACCOUNT' as const,
    TargetId: key.targetId,
    PermissionSetArn: key.permissionSetArn,
  });

  const statuses = createStatuses({
    take: (kind, signal) => budget.take(FAMILY, kind === 'delete' ? 'ending' : 'progress', signal),
    page,
    busy: () => budget.waiting(FAMILY) > 0,
  });

  async function page(InstanceArn: string, kind: OperationKind, NextToken: string | undefined): Promise<StatusPage> {
    const input = { InstanceArn, Filter: { Status: 'IN_PROGRESS' as const }, MaxResults: 100, NextToken };
    if (kind === 'create') {
      const answer = await aws.ssoAdmin.send(new ListAccountAssignmentCreationStatusCommand(input), deadline());
      return pageOf(answer.AccountAssignmentsCreationStatus, answer.NextToken);
    }
    const answer = await aws.ssoAdmin.send(new ListAccountAssignmentDeletionStatusCommand(input), deadline());
    return pageOf(answer.AccountAssignmentsDeletionStatus, answer.NextToken);
  }

  async function describe(InstanceArn: string, kind: OperationKind, awsRequestId: string) {
    try {
      if (kind === 'create') {
        const input = { InstanceArn, AccountAssignmentCreationRequestId: awsRequestId };
        const answer = await aws.ssoAdmin.send(new DescribeAccountAssignmentCreationStatusCommand(input), deadline());
        return asked(answer.AccountAssignmentCreationStatus);
      }
      const input = { InstanceArn, AccountAssignmentDeletionRequestId: awsRequestId };
      const answer = await aws.ssoAdmin.send(new DescribeAccountAssignmentDeletionStatusCommand(input), deadline());
      return asked(answer.AccountAssignmentDeletionStatus);
    } catch (error) {
      // How long AWS keeps statuses is not documented.
      if (isUnknownToAws(error)) return { status: 'LOST' as const, reason: null };
      throw error;
    }
  }

  /** A role of an older policy may not list: then each status is asked for alone, as it always could be. */
  let listsDeniedUntil = 0;
  async function amongMany(...asked: Parameters<typeof statuses.among>) {
    try {
      return await statuses.among(...asked);
    } catch (error) {
      if (!(error instanceof AccessDeniedException)) throw error;
      listsDeniedUntil = performance.now() + LISTS_DENIED_MS;
      return null;
    }
  }

  return {
    reserve: (key, priority, signal) => budget.take(FAMILY, priority, signal, key.principalId),

    async create(key) {
      const answer = await aws.ssoAdmin.send(new CreateAccountAssignmentCommand(member(key)), deadline());
      return asked(answer.AccountAssignmentCreationStatus);
    },

    async delete(key) {
      const answer = await aws.ssoAdmin.send(new DeleteAccountAssignmentCommand(member(key)), deadline());
      return asked(answer.AccountAssignmentDeletionStatus);
    },

    async status(key, { alone, ...operation }, priority, signal) {
      const { instanceArn } = key;
      const { kind, awsRequestId } = operation;
      for (;;) {
        const mayList = !alone && performance.now() >= listsDeniedUntil;
        const among = mayList ? await amongMany(instanceArn, operation, signal) : null;
        if (among !== null) return { status: among, reason: null };
        const soon = mayList ? AbortSignal.any([signal, AbortSignal.timeout(ALONE_MS)]) : signal;
        try {
          await budget.take(FAMILY, priority, soon, key.principalId);
          break;
        } catch (error) {
          if (signal.aborted || !soon.aborted) throw error;
        }
      }
      const answer = await describe(instanceArn, kind, awsRequestId);
      if (answer.status !== 'IN_PROGRESS') statuses.forget(instanceArn, kind, awsRequestId);
      return answer;
    },

    async look(key, priority, signal) {
      let NextToken: string | undefined;
      do {
        await budget.take(FAMILY, priority, signal, key.principalId);
        const { InstanceArn, TargetId: AccountId, PermissionSetArn } = member(key);
        const input = { InstanceArn, AccountId, PermissionSetArn, MaxResults: 100, NextToken };
        try {
          const answer = await aws.ssoAdmin.send(new ListAccountAssignmentsCommand(input), deadline());
          const found = answer.AccountAssignments?.some(
            (each) => each.PrincipalType === key.principalType && each.PrincipalId === key.principalId,
          );
          if (found) return { present: true, gone: false };
          NextToken = answer.NextToken;
        } catch (error) {
          if (isUnknownToAws(error)) return { present: false, gone: true };
          throw error;
        }
        // A page may be empty and still not be the last.
      } while (NextToken !== undefined);
      return { present: false, gone: false };
    },
  };
}

/** A status without a word is one that we must ask for again. */
function asked(status: AccountAssignmentOperationStatus | undefined): Asked {
  return {
    status: status?.Status ?? 'IN_PROGRESS',
    awsRequestId: status?.RequestId ?? null,
    reason: status?.FailureReason ?? null,
  };
}

function pageOf(
  metadata: AccountAssignmentOperationStatusMetadata[] | undefined,
  next: string | undefined,
): StatusPage {
  return { awsRequestIds: (metadata ?? []).flatMap(({ RequestId }) => RequestId ?? []), next };
}
