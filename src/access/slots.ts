/** Those who wait in this process until one more create may be outstanding; rows say how many are. */
export interface Slots {
  /** Waits so many milliseconds, or until it is worth looking again. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** A create of this process is over: one who waits looks again at once. */
  freed(): void;
}

export function createSlots(): Slots {
  const waiting = new Set<() => void>();
  return {
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        waiting.add(done);
        signal.addEventListener('abort', done, { once: true });
        if (signal.aborted) done();
      }),
    freed() {
      const [first] = waiting;
      first?.();
    },
  };
}
