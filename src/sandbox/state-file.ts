import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const WRITE_AFTER_MS = 200;

/** Where the sandbox's parts keep what must survive a restart. */
export interface SandboxState {
  /**
   * Gives back what the part of this name saved before the restart (undefined if nothing), and calls `snapshot` for
   * what to save whenever the file is written. The caller parses what it gets: the file may be from another version.
   */
  keep(part: string, snapshot: () => unknown): unknown;
  /** Something worth keeping changed: it is written soon. */
  changed(): void;
  /** Writes at once what is not written yet. */
  flush(): Promise<void>;
}

/** State in a JSON file; without a file, state that is forgotten. */
export function openState(file: string | undefined): SandboxState {
  if (file === undefined) return { keep: () => undefined, changed: () => {}, flush: async () => {} };

  const saved = readSaved(file);
  const parts = new Map<string, () => unknown>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async () => {
    const state = { ...saved, ...Object.fromEntries([...parts].map(([name, snapshot]) => [name, snapshot()])) };
    await mkdir(dirname(file), { recursive: true });
    // A rename is atomic: a crash in the middle leaves the old file whole.
    await writeFile(`${file}.tmp`, JSON.stringify(state));
    await rename(`${file}.tmp`, file);
  };
  const writeInTurn = () => {
    timer = undefined;
    writing = writing.then(write).catch((error: unknown) => {
      console.error(`The sandbox could not save its state to ${file}:`, error);
    });
    return writing;
  };

  return {
    keep(part, snapshot) {
      parts.set(part, snapshot);
      return saved[part];
    },
    changed() {
      timer ??= setTimeout(writeInTurn, WRITE_AFTER_MS);
    },
    async flush() {
      if (timer === undefined) return writing;
      clearTimeout(timer);
      return writeInTurn();
    },
  };
}

function readSaved(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  const saved: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof saved === 'object' && saved !== null ? { ...saved } : {};
}
