/**
 * Hands a batch to the kernel as one writev. Node's own way (cork, write, uncork) keeps each view in a queue and runs callbacks on the next tick;
 * beneath it the socket's `_writev` does the same system call for half of the time spent in JavaScript, and tells at once when everything
 * was taken. Where a socket has no such thing, Node's own way is taken.
 */
import type { Socket } from 'node:net';

/** Runs once: at once, or when the views have left, or can't leave any more. */
export type BatchDone = (error: Error | null | undefined) => void;

export type BatchWriter = (views: readonly Uint8Array[], done: BatchDone) => void;

interface SocketInside {
  readonly _handle?: { readonly writev?: unknown; readonly writeBuffer?: unknown } | null;
  _write?(view: Uint8Array, encoding: string, done: BatchDone): void;
  _writev?(chunks: { readonly chunk: Uint8Array }[] & { allBuffers?: boolean }, done: BatchDone): void;
}

export function batchWriter(socket: Socket, direct: boolean): BatchWriter {
  const inside = socket as unknown as SocketInside;
  const handle = inside._handle;
  const asExpected =
    typeof inside._write === 'function' &&
    typeof inside._writev === 'function' &&
    typeof handle?.writev === 'function' &&
    typeof handle.writeBuffer === 'function';
  if (!direct || !asExpected) return (views, done) => writeCorked(socket, views, done);
  return (views, done) => {
    if (views.length === 1) return inside._write!(views[0]!, 'buffer', done);
    const chunks: { readonly chunk: Uint8Array }[] & { allBuffers?: boolean } = [];
    for (const chunk of views) chunks.push({ chunk });
    chunks.allBuffers = true;
    inside._writev!(chunks, done);
  };
}

function writeCorked(socket: Socket, views: readonly Uint8Array[], done: BatchDone): void {
  const last = views.length - 1;
  socket.cork();
  for (let index = 0; index < last; index += 1) socket.write(views[index]!);
  socket.write(views[last]!, done);
  socket.uncork();
}
