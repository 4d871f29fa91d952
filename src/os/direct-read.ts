/**
 * Lets the kernel write arrivals straight into the receiver's buffers. Node offers that (`onread` of net.Socket) for sockets one makes,
 * not for sockets a server accepts; so the accepted socket's handle is moved into a socket of our own. Where Node's insides are not as
 * expected, nothing is touched and the caller reads the ordinary way.
 */
import { Socket } from 'node:net';

interface StreamHandle {
  useUserBuffer?: unknown;
  readStart?: unknown;
  readStop?: unknown;
  reading?: boolean;
}

/** What a socket keeps about its server: how many connections it has, to which `maxConnections` and `close` look. */
interface SocketInside {
  _handle?: StreamHandle | null;
  server?: unknown;
  _server?: unknown;
}

export interface ArrivalSink {
  /** Where the next arrival shall land. Asked once before this returns and again at the end of every arrival, also the last. */
  lend(): Uint8Array;
  /** So many bytes stand at the start of what was lent last. */
  handleArrival(count: number): void;
}

/** A socket in the place of `accepted` (which came paused, with nothing read), or undefined: read `accepted` yourself. */
export function readDirectly(accepted: Socket, sink: ArrivalSink): Socket | undefined {
  const inside = accepted as unknown as SocketInside;
  const handle = inside._handle;
  // Windows is given the buffer when it begins to wait, and fills it at any time after.
  if (process.platform === 'win32' || handle === null || typeof handle !== 'object') return undefined;
  if (typeof handle.useUserBuffer !== 'function' || typeof handle.readStart !== 'function' || typeof handle.readStop !== 'function')
    return undefined;
  if (handle.reading === true || accepted.readableLength !== 0 || accepted.destroyed) return undefined;
  // The server must not count the connection for ever.
  if ((inside.server ?? null) !== (inside._server ?? null)) return undefined;
  inside._handle = null;
  const socket = new Socket({
    handle,
    onread: {
      buffer: () => sink.lend(),
      callback: (count: number) => {
        sink.handleArrival(count);
        return true;
      },
    },
  } as unknown as ConstructorParameters<typeof Socket>[0]);
  const moved = socket as unknown as SocketInside;
  moved.server = inside.server;
  moved._server = inside._server;
  inside._server = null;
  return socket;
}
