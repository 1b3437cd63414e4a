import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import type { Aws } from './aws.ts';

/** One registry a process: what Prometheus reads at /metrics. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Counts every call to AWS of this process by what came of it. */
export function countAwsCalls(registry: Registry, aws: Aws): void {
  const calls = new Counter({
    name: 'latchkey_aws_calls_total',
    help: 'Calls to AWS by service, operation and outcome: ok, or the name of the error.',
    labelNames: ['service', 'operation', 'outcome'],
    registers: [registry],
  });
  aws.onCall((call) => calls.inc({ ...call }));
}
