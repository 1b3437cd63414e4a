import type { SandboxAssignment } from './organization.ts';

/** The five AWS services that the sandbox answers for. */
export type ServiceName = 'sso-admin' | 'identity-store' | 'organizations' | 'cloudtrail' | 'sts';

/** One CreateAccountAssignment or DeleteAccountAssignment, as faults see it. */
export interface AssignmentWrite extends SandboxAssignment {
  kind: 'create' | 'delete';
}

/** Which writes a fault concerns: all, none, those that have the given fields, or those that the function picks. */
export type WriteMatch = boolean | Partial<AssignmentWrite> | ((write: AssignmentWrite) => boolean);

/**
 * What goes wrong, on command. A plain object: change a field and the next call feels it. Shares are between 0 and 1.
 */
export interface Faults {
  /** Share of AWS calls that are answered with the service's throttling error. */
  throttleShare: number;
  /** Share of writes that are answered with ConflictException. */
  conflictShare: number;
  /** Share of AWS calls that are answered with HTTP 500. */
  serverErrorShare: number;
  /** Every AWS call is answered with HTTP 503. */
  outage: boolean;
  /** Only this service's calls are answered with HTTP 503. */
  outageOf: ServiceName | null;
  /** So many more calls of this operation are answered, then every one with HTTP 500: a list that fails half-way. */
  breakAfter: { operation: string; calls: number } | null;
  /** `items`: each page of a list holds everything twice. `token`: every page but the first leads back to itself. */
  repeatPages: 'items' | 'token' | null;
  /** Organizations tells no account's `Paths`. */
  omitPaths: boolean;
  /** The next accepted writes end as FAILED with these reasons, one each, first in, first out. */
  failNext: string[];
  /** A write for which this gives a reason ends as FAILED with it. */
  failWhen: ((write: AssignmentWrite) => string | undefined) | null;
  /** Accepted writes stay IN_PROGRESS for as long as this holds. */
  stuck: WriteMatch;
  /** Writes are refused with AccessDeniedException. */
  forbidden: WriteMatch;
  /** These operations are refused with AccessDeniedException: a role whose policy is older than the portal. */
  forbiddenOperations: string[];
  /** Creates are refused with ServiceQuotaExceededException. */
  quotaExceeded: WriteMatch;
  /** A write is accepted and takes effect, but its answer never arrives: the connection breaks. */
  loseAnswer: WriteMatch;
  /** Describe…Status no longer knows any request: ResourceNotFoundException. */
  loseStatus: boolean;
  /** Deleting what is not assigned is accepted and ends as FAILED, instead of ResourceNotFoundException at once. */
  absentDeleteFails: boolean;
  /** Each AWS call is worked on only after this long: a caller that gave up may still have changed something. */
  slowMs: number;
  /** Lists show assignments as they stood this long ago. */
  listLagMs: number;
  /** LookupEvents shows an event only this long after it was recorded. */
  eventDelayMs: number;
  /** The sandbox's clock is this far ahead (or, below zero, behind). */
  clockOffsetMs: number;
}

/** The faults of a sandbox in which nothing goes wrong. */
export function noFaults(): Faults {
  return {
    throttleShare: 0,
    conflictShare: 0,
    serverErrorShare: 0,
    outage: false,
    outageOf: null,
    breakAfter: null,
    repeatPages: null,
    omitPaths: false,
    failNext: [],
    failWhen: null,
    stuck: false,
    forbidden: false,
    forbiddenOperations: [],
    quotaExceeded: false,
    loseAnswer: false,
    loseStatus: false,
    absentDeleteFails: false,
    slowMs: 0,
    listLagMs: 0,
    eventDelayMs: 0,
    clockOffsetMs: 0,
  };
}

/** Whether a fault that is aimed at `match` hits this write. */
export function hits(match: WriteMatch, write: AssignmentWrite): boolean {
  if (typeof match === 'boolean') return match;
  if (typeof match === 'function') return match(write);
  const fields = Object.entries(match) as [keyof AssignmentWrite, string][];
  return fields.every(([field, value]) => write[field] === value);
}
