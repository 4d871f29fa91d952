/** A byte stream over a Node socket. */
import type { Socket } from 'node:net';
import type { ByteStream, ByteStreamReceiver } from '../base/byte-stream.ts';
import { readDirectly } from './direct-read.ts';

const address = (host: string | undefined, port: number | undefined): string =>
  `${host?.includes(':') ? `[${host}]` : (host ?? '?')}:${port ?? '?'}`;

export interface SocketStreamOptions {
  /** False: never let the kernel write into the receiver's buffers; the way that works everywhere. */
  readonly direct?: boolean;
}

/** The accepted socket comes paused (`pauseOnConnect`); arrivals begin when the caller has returned to the event loop. */
export function streamFromSocket(accepted: Socket, receiver: ByteStreamReceiver, options: SocketStreamOptions = {}): ByteStream {
  const remote = address(accepted.remoteAddress, accepted.remotePort);
  const local = address(accepted.localAddress, accepted.localPort);
  const direct = options.direct === false ? undefined : readDirectly(accepted, receiver);
  const socket = direct ?? accepted;
  let queued = 0;
  let reason: string | undefined;
  if (direct === undefined) {
    socket.on('data', (bytes: Buffer) => {
      for (let taken = 0; taken < bytes.length; ) {
        const place = receiver.nextBuffer();
        const count = Math.min(place.length, bytes.length - taken);
        place.set(bytes.subarray(taken, taken + count));
        taken += count;
        receiver.handleBytes(count);
      }
    });
  }
  socket.on('error', (error) => {
    reason = error.message;
  });
  socket.on('end', () => socket.end());
  socket.on('close', () => receiver.handleClose(reason));
  if (direct === undefined) socket.resume();
  return {
    remote,
    local,
    get queuedBytes() {
      return queued;
    },
    write(views, sent) {
      let bytes = 0;
      for (const view of views) bytes += view.length;
      queued += bytes;
      socket.cork();
      for (let index = 0; index < views.length - 1; index += 1) socket.write(views[index]!);
      socket.write(views[views.length - 1]!, () => {
        queued -= bytes;
        sent?.();
      });
      socket.uncork();
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}
