/**
 * Lets the kernel write arrivals straight into the receiver's buffers. Node offers that (`onread` of net.Socket) for sockets one makes,
 * not for sockets a server accepts; so the accepted socket's handle is moved into a socket of our own. Where Node's insides are not as
 * expected, nothing is touched and the caller reads the ordinary way.
 */
import { Socket } from 'node:net';
import type { ByteStreamReceiver } from '../base/byte-stream.ts';

interface StreamHandle {
  useUserBuffer?: unknown;
  readStart?: unknown;
  readStop?: unknown;
  reading?: boolean;
}

/** A socket in the place of `accepted` (which came paused, with nothing read), or undefined: read `accepted` yourself. */
export function readDirectly(accepted: Socket, receiver: ByteStreamReceiver): Socket | undefined {
  const inside = accepted as unknown as { _handle: StreamHandle | null };
  const handle = inside._handle;
  if (
    handle === null ||
    typeof handle !== 'object' ||
    typeof handle.useUserBuffer !== 'function' ||
    typeof handle.readStart !== 'function' ||
    typeof handle.readStop !== 'function' ||
    handle.reading === true ||
    accepted.readableLength !== 0
  )
    return undefined;
  inside._handle = null;
  return new Socket({
    handle,
    // Asked once now, and again at the end of every arrival.
    onread: {
      buffer: () => receiver.nextBuffer(),
      callback: (count: number) => {
        receiver.handleBytes(count);
        return true;
      },
    },
  } as unknown as ConstructorParameters<typeof Socket>[0]);
}
