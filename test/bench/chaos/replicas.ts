import { freePort } from '../../../src/sandbox/embedded-postgres.ts';
import { type Balancer, startBalancer } from '../../support/balancer.ts';
import { type PortalProcess, startPortalProcess, untilReady } from '../../support/process.ts';
import type { Stage } from '../stage.ts';

export interface Replicas extends AsyncDisposable {
  /** Kills one, as a machine dies, and starts another in its place. */
  replaceOne(): Promise<void>;
  killed: number;
}

/** So many portals behind the stage's address. */
export async function startReplicas(stage: Stage, count: number): Promise<Replicas> {
  const balancer: Balancer = await startBalancer(Number(new URL(stage.baseUrl).port));
  const running: { port: number; portal: PortalProcess }[] = [];

  async function add(): Promise<void> {
    const port = await freePort();
    const portal = await startPortalProcess({ ...stage.environment, PORT: String(port) });
    running.push({ port, portal });
    await untilReady({ ...portal, url: `http://127.0.0.1:${port}` }, 60_000);
    balancer.ports.add(port);
  }

  for (let each = 0; each < count; each += 1) await add();
  const replicas: Replicas = {
    killed: 0,
    async replaceOne() {
      const oldest = running.shift();
      if (oldest === undefined) return;
      balancer.ports.delete(oldest.port);
      oldest.portal.child.kill('SIGKILL');
      await oldest.portal.exited;
      replicas.killed += 1;
      await add();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map(({ portal }) => portal[Symbol.asyncDispose]()));
      await balancer[Symbol.asyncDispose]();
    },
  };
  return replicas;
}
