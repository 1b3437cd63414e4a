import type { SandboxAssignment } from './organization.ts';

/** One assignment that came or went. */
export interface AssignmentChange {
  /** `performance.now()` of this process. */
  at: number;
  date: Date;
  change: 'added' | 'removed';
  assignment: SandboxAssignment;
  by: 'api' | 'outsider';
}

const CAPACITY = 20_000;

/** The last changes of assignments, oldest first. */
export class AssignmentHistory {
  #changes: AssignmentChange[] = [];
  readonly #listeners = new Set<() => void>();

  /** Writes a change down and tells whoever waits for one. */
  note(change: AssignmentChange['change'], assignment: SandboxAssignment, by: AssignmentChange['by']): void {
    this.#changes.push({ at: performance.now(), date: new Date(), change, assignment: { ...assignment }, by });
    if (this.#changes.length > CAPACITY) this.#changes = this.#changes.slice(-CAPACITY / 2);
    for (const listener of this.#listeners) listener();
  }

  list(): AssignmentChange[] {
    return [...this.#changes];
  }

  /** The changes of the last so many milliseconds. */
  since(agoMs: number): AssignmentChange[] {
    const from = performance.now() - agoMs;
    return this.#changes.filter(({ at }) => at > from);
  }

  /** Resolves once the condition holds, looking again after every change. */
  until(condition: () => boolean, timeoutMs: number, complaint: string): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const listener = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#listeners.delete(listener);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(listener);
        reject(new Error(complaint));
      }, timeoutMs);
      this.#listeners.add(listener);
    });
  }
}
