/** A process that writes to a file store and tells what was acknowledged as durable; to be killed while it does. See file-store.test.ts. */
import type { BackingStore, StoreError } from '../../storage/block/backing-store.ts';
import { openFileStore } from '../file-store.ts';

export const CHILD_BLOCK_BYTES = 512;
export const CHILD_BLOCKS = 64;

/** What write number `round` puts into its block. */
export const childBlock = (round: number): Uint8Array =>
  Uint8Array.from({ length: CHILD_BLOCK_BYTES }, (_, index) => (round * 31 + (index % 4 === 0 ? round >>> 8 : index)) & 0xff);

/** Arguments: the file, and `fua`, `flush` or `hold`. */
export async function main(args: readonly string[]): Promise<void> {
  const [path, way] = args as [string, string];
  const sizeBytes = CHILD_BLOCKS * CHILD_BLOCK_BYTES;
  const store = await openFileStore(path, { sizeBytes, create: true, thin: true, readOnly: false, blockBytes: CHILD_BLOCK_BYTES });
  for (let round = 1; ; round += 1) {
    if (way === 'hold') {
      process.stdout.write('HELD\n');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    const offset = (round % CHILD_BLOCKS) * CHILD_BLOCK_BYTES;
    await write(store, offset, childBlock(round), way === 'fua');
    if (way === 'flush') await done((end) => store.flush(end));
    // Straight to the descriptor: what was told before the kill is in the pipe.
    process.stdout.write(`DURABLE ${round}\n`);
  }
}

const write = (store: BackingStore, offset: number, bytes: Uint8Array, fua: boolean): Promise<void> =>
  done((end) => store.write(offset, [bytes], { fua, stable: false }, end));

const done = (start: (end: (error: StoreError | undefined) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => start((error) => (error === undefined ? resolve() : reject(new Error(error.message)))));
