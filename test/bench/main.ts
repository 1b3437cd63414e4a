import { grantLatency } from './grant-latency.ts';
import { startUp } from './start.ts';

/** Each prints its table and gives its last line, `name key=value …`. */
const BENCHMARKS: Record<string, () => Promise<string>> = {
  'grant-latency': grantLatency,
  start: startUp,
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
