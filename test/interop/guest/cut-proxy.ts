/** A TCP proxy that is a cable: it can be cut and mended, and says how much has passed. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CutProxy {
  /** Where clients connect, on loopback. */
  readonly port: number;
  /** Where it leads, once that is known. */
  readonly leadTo: (address: string) => void;
  /** Bytes that came from clients so far. */
  readonly sentBytes: () => number;
  /**
   * Resets every connection and listens no more. (To accept and reset would not do: Linux 6.1 can't bind a session to a connection ever
   * again, ENOTCONN, once one failed between connecting and logging in.)
   */
  readonly cut: () => void;
  /** Resets the connection that has been there for longest, and listens on. */
  readonly cutOldest: () => void;
  readonly mend: () => Promise<void>;
  readonly close: () => void;
}

export async function startCutProxy(): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  let upstream: { readonly host: string; readonly port: number } | undefined;
  let bytes = 0;
  const server = createServer((client) => {
    const remote = connect(upstream!);
    client.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    for (const [from, to] of [
      [client, remote],
      [remote, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cutOldest = (): void => {
    const [oldest] = sockets;
    oldest?.resetAndDestroy();
  };
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    leadTo: (address) => {
      const colon = address.lastIndexOf(':');
      upstream = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
    },
    sentBytes: () => bytes,
    cut,
    cutOldest,
    mend: () => listen(port),
    close: cut,
  };
}
