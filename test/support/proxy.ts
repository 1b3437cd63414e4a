import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a portal and its database, and can be cut like a cable. */
export interface Proxy extends AsyncDisposable {
  /** The same address, by way of the proxy. */
  through(url: string): string;
  /** Ends what is connected, and refuses whatever comes, until `mend`. */
  cut(): void;
  mend(): void;
}

/** A TCP proxy on loopback to where `target` (an address with host and port) leads. */
export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let whole = true;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A cut is seen by either side as an error; there is nothing to do about it here.
    socket.on('error', () => {});
    return socket;
  };
  const server = createServer((inward) => {
    keep(inward);
    if (!whole) return inward.destroy();
    const outward = keep(connect(Number(port || 5432), hostname));
    inward.pipe(outward).pipe(inward);
    inward.on('close', () => outward.destroy());
    outward.on('close', () => inward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    through(url) {
      const detour = new URL(url);
      detour.hostname = '127.0.0.1';
      detour.port = String((server.address() as AddressInfo).port);
      return detour.href;
    },
    cut() {
      whole = false;
      drop();
    },
    mend() {
      whole = true;
    },
    async [Symbol.asyncDispose]() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
