/** Connections by their four-tuple: a hash table with a secret key, looked up without allocating anything. */
import { be32 } from '../../base/bytes.ts';
import type { Rng } from '../../base/rng.ts';
import { type IpAddress, sameAddress } from '../../wire/ip/address.ts';
import type { Segment } from './segment.ts';
import { halfSipHash, type SipKey, sipKey } from './siphash.ts';

/** Who is at the other end of what. */
export interface Flow {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
}

/** A connection, or what is left of one. */
export interface FlowEntry extends Flow {
  handleSegment(segment: Segment): void;
  /** The table's: the next of the same bucket. */
  chained: FlowEntry | undefined;
}

const BUCKETS_MIN = 64;
const words = new Uint32Array(9);

/** The tuple as words; how many. */
export function flowWords(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number, into: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < local.length; at += 4) {
    into[count] = be32(local, at);
    into[count + 1] = be32(remote, at);
    count += 2;
  }
  into[count] = (localPort << 16) | remotePort;
  return count + 1;
}

export class FlowTable {
  size = 0;
  readonly #key: SipKey;
  #buckets: (FlowEntry | undefined)[] = Array.from({ length: BUCKETS_MIN });

  constructor(rng: Rng) {
    this.#key = sipKey(rng);
  }

  find(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): FlowEntry | undefined {
    let entry = this.#buckets[this.#bucket(local, localPort, remote, remotePort)];
    while (entry !== undefined) {
      if (
        entry.remotePort === remotePort &&
        entry.localPort === localPort &&
        sameAddress(entry.remoteAddress, remote) &&
        sameAddress(entry.localAddress, local)
      )
        return entry;
      entry = entry.chained;
    }
    return undefined;
  }

  add(entry: FlowEntry): void {
    if (this.size >= this.#buckets.length) this.#grow();
    this.#put(entry);
    this.size += 1;
  }

  /** False: it was not there. */
  remove(entry: FlowEntry): boolean {
    const bucket = this.#bucket(entry.localAddress, entry.localPort, entry.remoteAddress, entry.remotePort);
    let before: FlowEntry | undefined;
    for (let at = this.#buckets[bucket]; at !== undefined; at = at.chained) {
      if (at === entry) {
        if (before === undefined) this.#buckets[bucket] = entry.chained;
        else before.chained = entry.chained;
        entry.chained = undefined;
        this.size -= 1;
        return true;
      }
      before = at;
    }
    return false;
  }

  *entries(): Iterable<FlowEntry> {
    for (const head of this.#buckets) for (let entry = head; entry !== undefined; entry = entry.chained) yield entry;
  }

  #bucket(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number {
    return halfSipHash(this.#key, words, flowWords(local, localPort, remote, remotePort, words)) & (this.#buckets.length - 1);
  }

  #put(entry: FlowEntry): void {
    const bucket = this.#bucket(entry.localAddress, entry.localPort, entry.remoteAddress, entry.remotePort);
    entry.chained = this.#buckets[bucket];
    this.#buckets[bucket] = entry;
  }

  #grow(): void {
    const entries = [...this.entries()];
    this.#buckets = Array.from({ length: this.#buckets.length * 2 });
    for (const entry of entries) this.#put(entry);
  }
}
