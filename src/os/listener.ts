/** Listens for TCP connections; what can go wrong is said in one sentence. */
import { type AddressInfo, createServer, type DropArgument, type Socket } from 'node:net';
import { formatAddress } from '../fabric/address.ts';

export interface Listener {
  /** `host:port`, or `[host]:port`, with the port that was picked. */
  readonly address: string;
  readonly port: number;
  /** Accepts no more; connections that are open stay. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** More connections at a time are closed as soon as they come. */
  readonly connectionsMax?: number;
  /** Told of each connection that was one too many. */
  readonly onRefused?: (remote: string) => void;
  /** Waiting to be accepted; the operating system may keep fewer. */
  readonly backlog?: number;
}

const BACKLOG = 1024;

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use: stop the other program, or choose another port',
  EACCES: 'permission is denied: ports below 1024 need root, or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address: choose one that it has, or 127.0.0.1',
  EAFNOSUPPORT: 'this machine does not speak that version of IP',
  ENOTFOUND: 'this name stands for no address',
  EAI_AGAIN: 'this name can not be looked up now',
  EMFILE: 'this process has too many files and connections open',
};

/** Sockets come paused, with small segments sent at once (TCP_NODELAY). Rejects with an Error of one clear sentence. */
export function listen(host: string, port: number, onConnection: (socket: Socket) => void, options: ListenOptions = {}): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, onConnection);
    if (options.connectionsMax !== undefined) server.maxConnections = options.connectionsMax;
    server.on('drop', (dropped) => options.onRefused?.(remoteOf(dropped)));
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(`Can't listen on ${formatAddress(host, port)}: ${reasons[error.code ?? ''] ?? error.message}.`, { cause: error }));
    });
    server.listen({ host, port, backlog: options.backlog ?? BACKLOG }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {}); // a failed accept concerns one connection, which is gone
      const actual = (server.address() as AddressInfo).port;
      resolve({
        address: formatAddress(host, actual),
        port: actual,
        // The port is free at once; `close` of Node would also wait for the connections.
        close: async () => void server.close(),
      });
    });
  });
}

const remoteOf = (dropped: DropArgument | undefined): string =>
  dropped?.remoteAddress === undefined ? 'unknown' : formatAddress(dropped.remoteAddress, dropped.remotePort ?? 0);
