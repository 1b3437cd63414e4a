import { chaos } from './chaos/index.ts';
import { eligibility } from './eligibility.ts';
import { grantBurst } from './grant-burst.ts';
import { grantLatency } from './grant-latency.ts';
import { idle } from './idle.ts';
import { requestForm } from './request-form.ts';
import { revokeDrain } from './revoke-drain.ts';
import { revokeLateness } from './revoke-lateness.ts';
import { startUp } from './start.ts';
import { sync } from './sync.ts';

/** Each prints its table and gives its last line, `name key=value …`. */
const BENCHMARKS: Record<string, () => Promise<string>> = {
  chaos,
  eligibility,
  'grant-burst': grantBurst,
  'grant-latency': grantLatency,
  idle,
  'request-form': requestForm,
  'revoke-drain': revokeDrain,
  'revoke-lateness': revokeLateness,
  start: startUp,
  sync,
};

const [name = ''] = process.argv.slice(2);
const benchmark = BENCHMARKS[name];
if (benchmark === undefined) {
  console.error(`Name a benchmark: npm run bench -- ${Object.keys(BENCHMARKS).join(' | ')}`);
  process.exit(1);
}
try {
  console.log(await benchmark());
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
