import type { Platform } from '../platform/index.ts';
import { sweep } from './sweep.ts';

/** How often each process looks whether an emergency is left half done, in milliseconds. */
const PERIOD_MS = 2_000;

/** One process's share in ending what emergencies are about. It depends on nothing of the queue. */
export interface Sweeper {
  start(): void;
  /** At once, in the background. */
  wake(): void;
  stop(): Promise<void>;
}

export function createSweeper(platform: Platform): Sweeper {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<unknown> | null = null;
  let again = false;

  function wake(): void {
    if (stopping.signal.aborted) return;
    if (sweeping) {
      again = true;
      return;
    }
    sweeping = sweep(platform, stopping.signal)
      .catch((error: unknown) => platform.log.warn({ err: error }, 'what an emergency ends could not be looked at'))
      .finally(() => {
        sweeping = null;
        if (again) {
          again = false;
          wake();
        }
      });
  }

  return {
    start() {
      timer ??= setInterval(wake, PERIOD_MS).unref();
    },
    wake,
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await sweeping;
    },
  };
}
