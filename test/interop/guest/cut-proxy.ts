/** A TCP proxy that is a cable: it can be cut and mended, and says how much has passed. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CutProxy {
  /** Where clients connect, on loopback. */
  readonly port: number;
  /** Where it leads, once that is known: until then it refuses. */
  readonly leadTo: (address: string) => void;
  /** Bytes that came from clients so far. */
  readonly sentBytes: () => number;
  /** Resets every connection and refuses new ones. */
  readonly cut: () => void;
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

export async function startCutProxy(): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  let upstream: { readonly host: string; readonly port: number } | undefined;
  let isCut = false;
  let bytes = 0;
  const server = createServer((client) => {
    if (isCut || upstream === undefined) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const remote = connect(upstream);
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
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (address) => {
      const colon = address.lastIndexOf(':');
      upstream = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
    },
    sentBytes: () => bytes,
    cut: () => {
      isCut = true;
      reset();
    },
    mend: () => {
      isCut = false;
    },
    close: () =>
      new Promise((resolve) => {
        isCut = true;
        server.close(() => resolve());
        reset();
      }),
  };
}
