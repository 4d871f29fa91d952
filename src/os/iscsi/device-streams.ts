/** A block device as Node streams: reads ahead in one direction, gathers and writes behind in the other, both with a bound. */
import { Readable, Writable } from 'node:stream';
import { usageError } from './iscsi-error.ts';

/** What the streams need of a device. */
export interface StreamDevice {
  readonly bytes: number;
  readonly blockBytes: number;
  read(lba: number, blocks: number, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
  write(lba: number, data: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<void>;
  flush(): Promise<void>;
}

interface PieceOptions {
  /** Bytes of one command; rounded to whole blocks. Default 256 KiB. */
  readonly pieceBytes?: number;
  /** Commands under way at once. Default 8. */
  readonly depth?: number;
}

export interface ReadStreamOptions extends PieceOptions {
  /** First byte; a block's first. */
  readonly start?: number;
  /** Byte behind the last. Default: the device's end. */
  readonly end?: number;
}

export interface WriteStreamOptions extends PieceOptions {
  readonly start?: number;
  /** Flush at the end; default true. */
  readonly flush?: boolean;
}

const PIECE_BYTES = 256 * 1024;
const DEPTH = 8;

const pieceOf = (device: StreamDevice, options: PieceOptions): number =>
  Math.max(1, Math.floor((options.pieceBytes ?? PIECE_BYTES) / device.blockBytes)) * device.blockBytes;

/** Throws an IscsiError for a range that is not whole blocks of the device. */
export function deviceReadStream(device: StreamDevice, options: ReadStreamOptions): Readable {
  const { start = 0, end = device.bytes, depth = DEPTH } = options;
  const { blockBytes } = device;
  if (start % blockBytes !== 0 || end % blockBytes !== 0 || start < 0 || start > end || end > device.bytes)
    throw usageError(`Bytes ${start} to ${end} are no whole blocks of ${blockBytes} within the device.`);
  const piece = pieceOf(device, options);
  const stop = new AbortController();
  const ahead: Promise<Uint8Array>[] = [];
  let next = start;
  const fill = (): void => {
    for (; ahead.length < depth && next < end; next += piece) {
      const read = device.read(next / blockBytes, Math.min(piece, end - next) / blockBytes, { signal: stop.signal });
      read.catch(() => {}); // It is told when its turn comes.
      ahead.push(read);
    }
  };
  return new Readable({
    highWaterMark: piece,
    read() {
      fill();
      const first = ahead.shift();
      if (first === undefined) return void this.push(null);
      first.then(
        (bytes) => this.push(bytes),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      stop.abort(error ?? undefined);
      // Nothing of ours is under way any more when the stream says that it is closed.
      void Promise.allSettled(ahead).then(() => done(error));
    },
  });
}

/** What is written has to end with a whole block. */
export function deviceWriteStream(device: StreamDevice, options: WriteStreamOptions): Writable {
  const { start = 0, depth = DEPTH, flush = true } = options;
  const { blockBytes } = device;
  if (start % blockBytes !== 0 || start < 0 || start > device.bytes)
    throw usageError(`Byte ${start} is not the first of a block of the device.`);
  const piece = pieceOf(device, options);
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  let at = start;
  let held = Buffer.allocUnsafeSlow(piece);
  let fill = 0;
  const send = (bytes: Uint8Array): void => {
    const write = device
      .write(at / blockBytes, bytes, { signal: stop.signal })
      .catch((error: Error) => void (failure ??= error))
      .finally(() => {
        underWay.delete(write);
        wake?.();
      });
    underWay.add(write);
    at += bytes.length;
  };
  const hasFailed = (): boolean => failure !== undefined;
  const room = async (limit: number): Promise<void> => {
    while (underWay.size > limit && !hasFailed()) await new Promise<void>((resolve) => (wake = resolve));
    if (failure !== undefined) throw failure;
  };
  const take = async (chunk: Uint8Array): Promise<void> => {
    for (let taken = 0; taken < chunk.length; ) {
      const part = chunk.subarray(taken, taken + piece - fill);
      held.set(part, fill);
      fill += part.length;
      taken += part.length;
      if (fill < piece) continue;
      if (at + fill > device.bytes) throw usageError(`More is written than the ${device.bytes} bytes of the device.`);
      send(held);
      held = Buffer.allocUnsafeSlow(piece);
      fill = 0;
      await room(depth - 1);
    }
  };
  const finish = async (): Promise<void> => {
    if (fill % blockBytes !== 0) throw usageError(`What was written ends with ${fill % blockBytes} bytes of a block of ${blockBytes}.`);
    if (at + fill > device.bytes) throw usageError(`More is written than the ${device.bytes} bytes of the device.`);
    if (fill !== 0) send(held.subarray(0, fill));
    await room(0);
    if (flush) await device.flush();
  };
  return new Writable({
    highWaterMark: piece,
    write(chunk: Uint8Array, _, done) {
      take(chunk).then(() => done(), done);
    },
    final(done) {
      finish().then(() => done(), done);
    },
    destroy(error, done) {
      stop.abort(error ?? undefined);
      void Promise.allSettled(underWay).then(() => done(error));
    },
  });
}
