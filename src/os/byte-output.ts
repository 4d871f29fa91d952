/** Bytes on their way out of the program: to standard output, a file, or a FIFO, without ever blocking it; a reader that has gone is no error. */
import { constants, createWriteStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

export interface ByteOutput {
  /** Resolves when there is room for more; false: nobody reads any more. Rejects with an Error of one clear sentence. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** What was written has left, or nobody reads it. */
  close(): Promise<void>;
  /** Lets go at once. */
  destroy(): void;
}

const STANDARD_OUTPUT = 1;
/** A FIFO that nobody reads yet is tried again so often. */
const RETRY_MILLISECONDS = 100;

/** Undefined: standard output. A FIFO is waited for until somebody reads it. Rejects with an Error of one clear sentence. */
export async function openByteOutput(file: string | undefined, cancelled: AbortSignal): Promise<ByteOutput> {
  const name = file ?? 'standard output';
  try {
    return outputOver(streamOf(file === undefined ? STANDARD_OUTPUT : await openForWriting(file, cancelled)), name);
  } catch (error) {
    throw new Error(`Can't write ${name}: ${(error as Error).message}.`, { cause: error });
  }
}

async function openForWriting(file: string, cancelled: AbortSignal): Promise<number> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NONBLOCK ?? 0);
  for (;;) {
    try {
      return openSync(file, flags, 0o644);
    } catch (error) {
      // fifo(7): without a reader, a FIFO can't be opened for writing without waiting.
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    cancelled.throwIfAborted();
    await wait(RETRY_MILLISECONDS);
  }
}

/** A pipe is written when there is room in it; a file always has some. */
function streamOf(fd: number): Writable {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket()
    ? new Socket({ fd, readable: false, writable: true })
    : createWriteStream('', { fd, autoClose: fd !== STANDARD_OUTPUT });
}

function outputOver(stream: Writable, name: string): ByteOutput {
  let failure: NodeJS.ErrnoException | undefined;
  let wake: (() => void) | undefined;
  stream.on('error', (error) => {
    failure = error;
    wake?.();
  });
  stream.on('drain', () => wake?.());
  return {
    async write(bytes) {
      if (failure === undefined && !stream.write(bytes))
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (failure === undefined) return true;
      if (failure.code === 'EPIPE' || failure.code === 'ECONNRESET') return false;
      throw new Error(`Can't write ${name}: ${failure.message}.`, { cause: failure });
    },
    close: () =>
      new Promise((resolve) => {
        if (failure !== undefined) return resolve();
        wake = resolve;
        stream.end(() => resolve());
      }),
    destroy: () => void stream.destroy(),
  };
}
