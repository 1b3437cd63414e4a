import { collectDefaultMetrics, Registry } from 'prom-client';

/** One registry a process: what Prometheus reads at /metrics. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
