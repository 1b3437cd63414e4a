import { connect, createServer, type Socket } from 'node:net';

/** One address for several portals, of which any may be dead. */
export interface Balancer extends AsyncDisposable {
  /** The ports behind it; change the set, and the next connection feels it. */
  ports: Set<number>;
}

/** Spreads connections to `port` of loopback over the portals that answer. */
export async function startBalancer(port: number): Promise<Balancer> {
  const ports = new Set<number>();
  const sockets = new Set<Socket>();
  let turn = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Either side may break at any time; the other hears of it by the end of its connection.
    socket.on('error', () => socket.destroy());
    return socket;
  };
  const server = createServer((inward) => {
    keep(inward);
    const candidates = [...ports];
    turn += 1;
    const tryNext = (left: number): void => {
      const target = candidates[(turn + left) % candidates.length];
      if (left === 0 || target === undefined) return void inward.destroy();
      const outward = keep(connect(target, '127.0.0.1'));
      outward.once('error', () => tryNext(left - 1));
      outward.once('connect', () => {
        outward.removeAllListeners('error');
        outward.on('error', () => inward.destroy());
        inward.pipe(outward).pipe(inward);
        inward.on('close', () => outward.destroy());
        outward.on('close', () => inward.destroy());
      });
    };
    tryNext(candidates.length);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    ports,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
