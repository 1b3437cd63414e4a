import type { Fact } from './compare.ts';

/** What speaks for one cause or another. */
export interface Circumstances {
  kind: Fact;
  foundAt: Date;
  /** A create of ours whose outcome was never told, or that AWS called FAILED, may have landed late. */
  doubtfulCreate: boolean;
  /** A grant of the same access that is open; it gives the same as what was found. */
  openGrant: boolean;
  /** Latchkey has rows about this assignment. */
  known: boolean;
  restoredAt: Date | null;
  /** The end of the last long silence of all processes. */
  silentUntil: Date | null;
}

const SOON_MS = 24 * 60 * 60_000;

/** Why AWS probably has something else than Latchkey knows of, as a sentence for an administrator. */
export function probableCause(of: Circumstances): string {
  const restored = soonAfter(of.restoredAt, of.foundAt);
  switch (of.kind) {
    case 'unknown':
      if (of.doubtfulCreate) return 'A change of ours of unknown outcome may have landed late.';
      if (restored && !of.known) return 'Given after the backup that was restored, by Latchkey or outside of it.';
      if (of.openGrant) return 'It stood before Latchkey gave the same access, and was left as it was.';
      return 'Assigned outside Latchkey.';
    case 'recreated':
      return of.doubtfulCreate
        ? 'Latchkey took it away; a change of ours of unknown outcome may have landed late.'
        : 'Latchkey took it away, and somebody assigned it again outside Latchkey.';
    case 'removed':
      return 'Somebody removed it outside Latchkey while the grant is open. It is not given again by itself.';
    case 'missing':
      if (restored) return 'Taken away after the backup that was restored, by Latchkey or outside of it.';
      if (of.silentUntil !== null) return 'Removed outside Latchkey, perhaps while no process of it was running.';
      return 'Removed outside Latchkey before it was seen again.';
  }
}

function soonAfter(event: Date | null, foundAt: Date): boolean {
  if (event === null) return false;
  const passed = foundAt.getTime() - event.getTime();
  return passed >= 0 && passed <= SOON_MS;
}
