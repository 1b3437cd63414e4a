import type { OperationKind } from './tuple.ts';

/** A create or delete that AWS was asked for and may still be working on. */
export interface AskedOperation {
  kind: OperationKind;
  awsRequestId: string;
  /** Milliseconds since AWS accepted it. */
  ageMs: number;
}

/** One page of the requests of a kind that are in progress in the whole organization. */
export interface StatusPage {
  awsRequestIds: string[];
  next: string | undefined;
}

/** The statuses of many operations of one process, read together. */
export interface Statuses {
  /**
   * Whether the operation is in progress still, by a list that is read for everyone who waits for one. Null: so few
   * are under way that asking for it alone costs no more and tells more. Throws what reading the list throws, and
   * what `signal` throws when it ends the waiting.
   */
  among(instanceArn: string, operation: AskedOperation, signal: AbortSignal): Promise<'IN_PROGRESS' | 'OVER' | null>;
  /** It is over: nobody will ask for it again. */
  forget(instanceArn: string, kind: OperationKind, awsRequestId: string): void;
}

/** Reading a list together costs less than asking for each from so many on, for a list of one page. */
const WORTH_A_LIST = 3;
/** Milliseconds between two lists; and while others wait for tokens, who could do more with the one for a list. */
const PAUSE_MS = 500;
const PAUSE_MS_WHILE_BUSY = 2_000;
/** Milliseconds that the first to ask waits for others. */
const GATHER_MS = 200;
/**
 * Milliseconds after which a list should have an operation that is in progress; AWS documents no lag. Where it does
 * lag, a look and a question for that operation alone tell: it costs two calls, and nothing goes wrong.
 */
const SURELY_LISTED_MS = 1_000;
/** An operation that nobody asked for so long is looked after by somebody else, or by nobody. */
const FORGOTTEN_MS = 30_000;

interface Watched {
  askedAt: number;
  /** It was in a list before: not being in one now means that it is over. */
  listed: boolean;
}

interface Waiter {
  awsRequestId: string;
  /** When AWS accepted it, by this process's clock. */
  acceptedAt: number;
  joinedAt: number;
  resolve(status: 'IN_PROGRESS' | 'OVER'): void;
  reject(error: unknown): void;
}

interface Group {
  watched: Map<string, Watched>;
  waiting: Set<Waiter>;
  readAt: number;
  pages: number;
  reading: boolean;
  /** Ends the waiting for the list's token when nobody waits for the list any more. */
  nobody: AbortController;
}

/** What a reader of statuses needs: a token for a call, and the call. */
interface Source {
  take(kind: OperationKind, signal: AbortSignal): Promise<void>;
  page(instanceArn: string, kind: OperationKind, from: string | undefined): Promise<StatusPage>;
  /** Others wait for tokens. */
  busy(): boolean;
}

/** Whoever is told that it is in progress asks again: for `patienceMs` milliseconds, that is done here for less. */
export function createStatuses({ take, page, busy }: Source, patienceMs = 5_000): Statuses {
  const groups = new Map<string, Group>();

  function groupOf(instanceArn: string, kind: OperationKind): Group {
    const name = `${kind} ${instanceArn}`;
    const group = groups.get(name) ?? {
      watched: new Map(),
      waiting: new Set(),
      readAt: Number.NEGATIVE_INFINITY,
      pages: 1,
      reading: false,
      nobody: new AbortController(),
    };
    groups.set(name, group);
    return group;
  }

  async function readFor(instanceArn: string, kind: OperationKind, group: Group): Promise<void> {
    group.reading = true;
    group.nobody = new AbortController();
    try {
      await take(kind, group.nobody.signal);
      const listedAt = performance.now();
      const listed = new Set<string>();
      let from: string | undefined;
      let pages = 0;
      do {
        if (pages > 0) await take(kind, group.nobody.signal);
        const { awsRequestIds, next } = await page(instanceArn, kind, from);
        for (const id of awsRequestIds) listed.add(id);
        from = next;
        pages += 1;
      } while (from !== undefined);
      group.pages = pages;
      // Whoever came meanwhile too: what AWS accepted so late is not called over for not being listed.
      for (const waiter of [...group.waiting]) {
        const status = judge(group, waiter, listed, listedAt);
        const waits = status === 'IN_PROGRESS' && performance.now() - waiter.joinedAt < patienceMs;
        if (!waits && group.waiting.delete(waiter)) waiter.resolve(status);
      }
    } catch (error) {
      // Where nobody waited any more, whoever came since waits for the next one.
      if (!group.nobody.signal.aborted) {
        for (const waiter of group.waiting) waiter.reject(error);
        group.waiting.clear();
      }
    }
    group.readAt = performance.now();
    group.reading = false;
    if (group.waiting.size > 0) schedule(instanceArn, kind, group);
  }

  function schedule(instanceArn: string, kind: OperationKind, group: Group): void {
    group.reading = true;
    const wait = Math.max(GATHER_MS, group.readAt + PAUSE_MS - performance.now());
    setTimeout(() => {
      if (group.waiting.size === 0) group.reading = false;
      else if (busy() && performance.now() < group.readAt + PAUSE_MS_WHILE_BUSY) schedule(instanceArn, kind, group);
      else void readFor(instanceArn, kind, group);
    }, wait);
  }

  return {
    among(instanceArn, operation, signal) {
      const group = groupOf(instanceArn, operation.kind);
      const now = performance.now();
      for (const [id, { askedAt }] of group.watched) if (now - askedAt > FORGOTTEN_MS) group.watched.delete(id);
      const { awsRequestId } = operation;
      group.watched.set(awsRequestId, { askedAt: now, listed: group.watched.get(awsRequestId)?.listed ?? false });
      if (group.watched.size < WORTH_A_LIST + group.pages - 1) return Promise.resolve(null);
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const leave = () => {
          group.waiting.delete(waiter);
          if (group.waiting.size === 0) group.nobody.abort(signal.reason);
          reject(signal.reason);
        };
        const settled = () => signal.removeEventListener('abort', leave);
        const waiter: Waiter = {
          awsRequestId,
          acceptedAt: now - operation.ageMs,
          joinedAt: now,
          resolve(status) {
            settled();
            resolve(status);
          },
          reject(error) {
            settled();
            reject(error);
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        group.waiting.add(waiter);
        if (!group.reading) schedule(instanceArn, operation.kind, group);
      });
    },
    forget(instanceArn, kind, awsRequestId) {
      groupOf(instanceArn, kind).watched.delete(awsRequestId);
    },
  };
}

function judge(
  group: Group,
  { awsRequestId, acceptedAt }: Waiter,
  listed: Set<string>,
  listedAt: number,
): 'IN_PROGRESS' | 'OVER' {
  const known = group.watched.get(awsRequestId);
  if (listed.has(awsRequestId)) {
    if (known) known.listed = true;
    return 'IN_PROGRESS';
  }
  if (known?.listed !== true && listedAt - acceptedAt < SURELY_LISTED_MS) return 'IN_PROGRESS';
  group.watched.delete(awsRequestId);
  return 'OVER';
}
