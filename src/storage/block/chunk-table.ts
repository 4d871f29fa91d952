/**
 * Which chunks of a memory store are there: a directory of directories, so that a thin store of a terabyte costs one short
 * array until it is written to.
 */

/** Size of a chunk, and so of the buffers that a memory store adopts. */
export const MEMORY_CHUNK_BYTES = 65_536;

const DIRECTORY_CHUNKS = 1024;

interface Directory {
  readonly chunks: (Uint8Array | undefined)[];
  present: number;
}

export class ChunkTable {
  readonly #directories: (Directory | undefined)[];
  #present = 0;

  constructor(count: number) {
    this.#directories = Array.from({ length: Math.ceil(count / DIRECTORY_CHUNKS) }, () => undefined);
  }

  /** How many chunks are there. */
  get present(): number {
    return this.#present;
  }

  get(index: number): Uint8Array | undefined {
    // Two divisions by powers of two: an index stays below 2^31 up to 128 TiB.
    const directory = this.#directories[index >>> 10];
    return directory === undefined ? undefined : directory.chunks[index & 1023];
  }

  set(index: number, chunk: Uint8Array): void {
    const directory = (this.#directories[index >>> 10] ??= {
      chunks: Array.from({ length: DIRECTORY_CHUNKS }, () => undefined),
      present: 0,
    });
    if (directory.chunks[index & 1023] === undefined) {
      directory.present += 1;
      this.#present += 1;
    }
    directory.chunks[index & 1023] = chunk;
  }

  /** Takes a chunk out, and gives it back if there was one. */
  remove(index: number): Uint8Array | undefined {
    const directory = this.#directories[index >>> 10];
    const chunk = directory?.chunks[index & 1023];
    if (directory === undefined || chunk === undefined) return undefined;
    directory.chunks[index & 1023] = undefined;
    directory.present -= 1;
    this.#present -= 1;
    if (directory.present === 0) this.#directories[index >>> 10] = undefined;
    return chunk;
  }

  /** The first index from `index` on, below `end`, that may hold something: steps over what is known to be empty. Or `end`. */
  skipEmpty(index: number, end: number): number {
    let at = index;
    while (at < end && this.#directories[at >>> 10] === undefined) at = ((at >>> 10) + 1) * DIRECTORY_CHUNKS;
    return Math.min(at, end);
  }

  /** One behind the last index of the run from `index` on whose chunks are all there, or all absent, but not beyond `end`. */
  runEnd(index: number, end: number): number {
    const mapped = this.get(index) !== undefined;
    let at = index;
    while (at < end) {
      const directory = this.#directories[at >>> 10];
      const whole = (at & 1023) === 0 && (directory === undefined || directory.present === DIRECTORY_CHUNKS);
      if ((directory?.chunks[at & 1023] !== undefined) !== mapped) break;
      at = whole ? at + DIRECTORY_CHUNKS : at + 1;
    }
    return Math.min(at, end);
  }

  clear(): void {
    this.#directories.fill(undefined);
    this.#present = 0;
  }
}
