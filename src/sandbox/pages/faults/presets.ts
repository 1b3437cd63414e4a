import type { Faults } from '../../faults.ts';

/** What one button switches on; it leaves every other fault as it is. */
export const PRESETS: readonly { id: string; label: string; faults: Partial<Faults> }[] = [
  { id: 'outage', label: 'An outage', faults: { outage: true } },
  {
    id: 'bad-day',
    label: 'A bad day: 30 % throttled, 20 % conflicts, 5 % errors',
    faults: { throttleShare: 0.3, conflictShare: 0.2, serverErrorShare: 0.05 },
  },
  { id: 'lag', label: 'Lists lag 8 s', faults: { listLagMs: 8_000 } },
];
