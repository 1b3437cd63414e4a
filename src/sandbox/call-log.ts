import type { ServiceName } from './faults.ts';

/** One AWS call that arrived at the sandbox. */
export interface Call {
  /** `performance.now()` of this process on arrival: for measuring. */
  at: number;
  /** The wall clock on arrival: for reading. */
  date: Date;
  service: ServiceName;
  operation: string;
  input: Record<string, unknown>;
  /** `pending` until answered, then `ok` or the name of the error. */
  outcome: string;
}

export type CallFilter = (call: Call) => boolean;

interface Waiter {
  operation: string;
  where: CallFilter;
  resolve(call: Call): void;
}

/** What arrived at the sandbox's AWS endpoint: the last calls one by one, and for each operation how many in all. */
export class CallLog {
  readonly #capacity: number;
  #calls: Call[] = [];
  #totals = new Map<string, number>();
  #waiters = new Set<Waiter>();

  constructor(capacity = 20_000) {
    this.#capacity = capacity;
  }

  /** Notes an arrival; the caller sets the outcome with `answered`. */
  arrived(service: ServiceName, operation: string, input: Record<string, unknown>): Call {
    const call: Call = { at: performance.now(), date: new Date(), service, operation, input, outcome: 'pending' };
    this.#calls.push(call);
    this.#totals.set(operation, (this.#totals.get(operation) ?? 0) + 1);
    // Dropping half at once keeps the cost of forgetting out of nearly every call.
    if (this.#calls.length > this.#capacity) this.#calls = this.#calls.slice(-Math.ceil(this.#capacity / 2));
    return call;
  }

  /** Notes how a call was answered, and wakes whoever waits for it. */
  answered(call: Call, outcome: string): void {
    call.outcome = outcome;
    for (const waiter of this.#waiters) {
      if (waiter.operation !== call.operation || !waiter.where(call)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(call);
    }
  }

  /** The remembered calls, oldest first; all of them, or those of one operation. */
  list(operation?: string): Call[] {
    return operation === undefined ? [...this.#calls] : this.#calls.filter((call) => call.operation === operation);
  }

  /** How often an operation was called since the start or the last `clear`; with a filter, among the remembered calls. */
  count(operation: string, where?: CallFilter): number {
    return where ? this.list(operation).filter(where).length : (this.#totals.get(operation) ?? 0);
  }

  /** How often each operation was called since the start or the last `clear`. */
  totals(): Map<string, number> {
    return new Map(this.#totals);
  }

  /** The first answered call of the operation that fits, be it already here or still to come. */
  waitFor(operation: string, where: CallFilter = () => true, timeoutMs = 5_000): Promise<Call> {
    const here = this.list(operation).find((call) => call.outcome !== 'pending' && where(call));
    if (here) return Promise.resolve(here);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`No call of ${operation} that fits arrived within ${timeoutMs} ms.`));
      }, timeoutMs);
      const waiter: Waiter = {
        operation,
        where,
        resolve: (call) => {
          clearTimeout(timer);
          resolve(call);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** Forgets every call, so that a test counts only what it caused. */
  clear(): void {
    this.#calls = [];
    this.#totals.clear();
  }
}
