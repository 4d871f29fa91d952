/**
 * What a disk may hold after commands of which some failed: every block carries the stamp of one write, whole; after a write of which nobody
 * knows whether it was carried out there are two possibilities, until somebody reads.
 */
import { be32, putBe32 } from '../../src/base/bytes.ts';

export const BLOCK_BYTES = 512;
const NEVER_WRITTEN = 0;

/** Blocks from `lba` on that carry a stamp, each with its own address. */
export function stamped(stamp: number, lba: number, blocks: number): Uint8Array {
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  if (stamp === NEVER_WRITTEN) return bytes;
  for (let at = 0; at < bytes.length; at += 8) {
    putBe32(bytes, at, stamp);
    putBe32(bytes, at + 4, ((lba + Math.floor(at / BLOCK_BYTES)) << 9) + (at % BLOCK_BYTES));
  }
  return bytes;
}

export class DiskModel {
  /** What each block may hold. */
  readonly #possible: number[][];
  /** Commands under way at each block: readers, or -1 for a writer. */
  readonly #users: Int32Array;

  constructor(blocks: number) {
    this.#possible = Array.from({ length: blocks }, () => [NEVER_WRITTEN]);
    this.#users = new Int32Array(blocks);
  }

  get blocks(): number {
    return this.#possible.length;
  }

  /** Whether a command can begin: what it reads must not change, what it changes nobody else may use. */
  isFree(lba: number, blocks: number, writes: boolean): boolean {
    for (let block = lba; block < lba + blocks; block += 1) {
      const users = this.#users[block]!;
      if (users < 0 || (writes && users !== 0)) return false;
    }
    return true;
  }

  use(lba: number, blocks: number, writes: boolean): void {
    for (let block = lba; block < lba + blocks; block += 1) this.#users[block]! += writes ? -1 : 1;
  }

  leave(lba: number, blocks: number, writes: boolean): void {
    for (let block = lba; block < lba + blocks; block += 1) this.#users[block]! += writes ? 1 : -1;
  }

  /** The one stamp all blocks surely hold; undefined: there is none. */
  known(lba: number, blocks: number): number | undefined {
    const [stamp, ...others] = this.#possible[lba]!;
    if (others.length !== 0) return undefined;
    for (let block = lba; block < lba + blocks; block += 1) {
      const possible = this.#possible[block]!;
      if (possible.length !== 1 || possible[0] !== stamp) return undefined;
    }
    return stamp;
  }

  write(lba: number, blocks: number, stamp: number): void {
    for (let block = lba; block < lba + blocks; block += 1) this.#possible[block] = [stamp];
  }

  /** The write may have happened, or not. */
  maybeWrite(lba: number, blocks: number, stamp: number): void {
    for (let block = lba; block < lba + blocks; block += 1) this.#possible[block]!.push(stamp);
  }

  /** Takes note of what was read; what is wrong with it, or undefined. */
  read(lba: number, data: Uint8Array): string | undefined {
    for (let index = 0; index * BLOCK_BYTES < data.length; index += 1) {
      const block = lba + index;
      const bytes = data.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
      const stamp = be32(bytes, 0);
      const possible = this.#possible[block]!;
      if (!possible.includes(stamp)) return `block ${block} holds stamp ${stamp}, and may hold ${possible.join(' or ')}`;
      if (Buffer.compare(bytes, stamped(stamp, block, 1)) !== 0) return `block ${block} holds stamp ${stamp}, but not whole`;
      this.#possible[block] = [stamp];
    }
    return undefined;
  }
}
