/** Listens for TCP connections; what can go wrong is said in one sentence. */
import { createServer, type Server, type Socket } from 'node:net';

export interface Listener {
  /** `host:port`, or `[host]:port`, with the port that was picked. */
  readonly address: string;
  readonly port: number;
  /** Accepts no more; connections that are open stay. */
  close(): Promise<void>;
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use: stop the other program, or choose another port',
  EACCES: 'permission is denied: ports below 1024 need root, or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/** Sockets come paused. Rejects with an Error of one clear sentence. */
export function listen(host: string, port: number, onConnection: (socket: Socket) => void): Promise<Listener> {
  const shown = host.includes(':') ? `[${host}]` : host;
  return new Promise((resolve, reject) => {
    const server: Server = createServer({ pauseOnConnect: true, noDelay: true }, onConnection);
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(`Can't listen on ${shown}:${port}: ${reasons[error.code ?? ''] ?? error.message}.`, { cause: error }));
    });
    server.listen({ host, port, ipv6Only: host === '::' ? false : undefined, backlog: 1024 } as object, () => {
      server.removeAllListeners('error');
      server.on('error', () => {}); // a failed accept concerns one connection, which is gone
      const actual = (server.address() as { port: number }).port;
      resolve({ address: `${shown}:${actual}`, port: actual, close: async () => void server.close() });
    });
  });
}
