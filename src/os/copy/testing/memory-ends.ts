/** Ends of copies in memory: a source with holes, and a destination with a cache that a loss of power empties. Nothing takes any time. */
import { below, chance, type Rng } from '../../../base/rng.ts';
import type { CopyDestination, CopySource } from '../ends.ts';

/** Everything after a few turns of the event loop, so that pieces overtake each other. */
export async function later(rng: Rng): Promise<void> {
  for (let turns = below(rng, 4); turns > 0; turns -= 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

export interface MemorySource extends CopySource {
  readonly data: Uint8Array;
  stampText: string | undefined;
  closed: boolean;
}

/** Data, zeros that were written, and holes. */
export function memorySource(rng: Rng, bytes: number, unitBytes: number): MemorySource {
  const data = new Uint8Array(bytes);
  const holes: boolean[] = [];
  const grain = 4096;
  for (let at = 0; at < bytes; ) {
    const end = Math.min(bytes, at + grain * (1 + below(rng, 40)));
    const kind = below(rng, 3);
    if (kind === 0) rng.fill(data.subarray(at, end));
    for (let grainAt = at; grainAt < end; grainAt += grain) holes.push(kind === 2);
    at = end;
  }
  const source: MemorySource = {
    kind: unitBytes === 1 ? 'file' : 'unit',
    name: 'source',
    unitBytes,
    sizeBytes: bytes,
    identity: { key: 'source', is: `source of ${bytes}` },
    data,
    stampText: 'as it was',
    closed: false,
    async read(at, into) {
      if (at % unitBytes !== 0 || into.length % unitBytes !== 0 || at + into.length > bytes)
        throw new Error(`read of ${into.length} at ${at}`);
      await later(rng);
      into.set(data.subarray(at, at + into.length));
    },
    async extentAt(at) {
      const first = Math.floor(at / grain);
      const zeros = holes[first]!;
      let next = first + 1;
      while (next < holes.length && holes[next] === zeros) next += 1;
      return { endBytes: Math.min(bytes, next * grain), zeros };
    },
    stamp: async () => source.stampText,
    async close() {
      source.closed = true;
    },
  };
  return source;
}

export interface MemoryDestination extends CopyDestination {
  /** What a reader sees, and what would be left after a loss of power. */
  readonly seen: Uint8Array;
  readonly durable: Uint8Array;
  /** Of each write that may fail: throw to have it fail. */
  onWrite: (atBytes: number) => void;
  flushes: number;
  zeroed: number;
  closed: boolean;
  /** Some of what was not flushed is gone; the listener is told, as a device tells of its reset with the next command. */
  losePower(): void;
}

/** What is written by halves before it fails is there too. */
export function memoryDestination(rng: Rng, bytes: number, unitBytes: number): MemoryDestination {
  const [seen, durable] = [rng.fill(new Uint8Array(bytes)), new Uint8Array(bytes)];
  durable.set(seen);
  const listeners = new Set<() => void>();
  /** Ranges written since the last flush. */
  let cached: { readonly at: number; readonly bytes: number }[] = [];
  let reset = false;
  const tell = (): void => {
    if (!reset) return;
    reset = false;
    for (const listener of listeners) listener();
  };
  const check = (at: number, length: number): void => {
    if (destination.closed) throw new Error('closed already');
    if (at % unitBytes !== 0 || length % unitBytes !== 0 || at < 0 || at + length > bytes || length === 0)
      throw new Error(`${length} bytes at ${at}`);
  };
  const put = async (at: number, data: Uint8Array): Promise<void> => {
    check(at, data.length);
    await later(rng);
    tell();
    destination.onWrite(at);
    seen.set(data, at);
    cached.push({ at, bytes: data.length });
  };
  const destination: MemoryDestination = {
    kind: unitBytes === 1 ? 'file' : 'unit',
    name: 'destination',
    unitBytes,
    sizeBytes: bytes,
    zeroUnitBytes: unitBytes,
    identity: { key: 'destination', is: `destination of ${bytes}` },
    seen,
    durable,
    onWrite: () => {},
    flushes: 0,
    zeroed: 0,
    closed: false,
    prepare: async () => {},
    async read(at, into) {
      check(at, into.length);
      await later(rng);
      into.set(seen.subarray(at, at + into.length));
    },
    write: put,
    async zero(at, length) {
      destination.zeroed += length;
      await put(at, new Uint8Array(length));
    },
    async flush() {
      const reached = cached;
      cached = [];
      await later(rng);
      tell();
      destination.flushes += 1;
      for (const range of reached) durable.set(seen.subarray(range.at, range.at + range.bytes), range.at);
    },
    onLoss(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      destination.closed = true;
    },
    losePower() {
      for (const range of cached) if (chance(rng, 0.7)) seen.set(durable.subarray(range.at, range.at + range.bytes), range.at);
      cached = [];
      reset = true;
    },
  };
  return destination;
}
