/** How far a run has come, as those who wait for it see it. */
export interface Progress {
  /** So many more things were read. */
  read(things: number): void;
  /** So many there will be in all. */
  expect(things: number): void;
  /** Nothing more is noted after this. */
  stop(): Promise<void>;
}

/** A wish to know better must not slow the run: it is noted at most so often. */
const EVERY_MS = 1_000;

/** Counts what is read, and passes it to `note` now and then; a `note` that fails is not tried again. */
export function countProgress(
  expectedBefore: number | null,
  note: (progress: number, expected: number | null) => Promise<void>,
): Progress {
  let done = 0;
  let expected = expectedBefore;
  let changed = true;
  let noting: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    if (!changed) return;
    changed = false;
    // What was there at the last run is a guess: more than that is no reason to say 120 of 100.
    const total = expected === null ? null : Math.max(expected, done);
    noting = noting.then(() => note(done, total)).catch(() => {});
  }, EVERY_MS);
  return {
    read(things) {
      done += things;
      changed = true;
    },
    expect(things) {
      expected = things;
      changed = true;
    },
    async stop() {
      clearInterval(timer);
      await noting;
    },
  };
}
