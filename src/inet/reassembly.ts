/**
 * Fragments put together again (RFC 791 §3.2, RFC 815, RFC 8200 §4.5), IPv4 and IPv6 alike. Fragments that overlap others end the whole
 * packet (RFC 5722 §4; for IPv4 it is the only safe answer too), and everything has a bound: packets, bytes, time.
 */
import { type Clock, type Nanos, SECOND, type Timer } from '../base/clock.ts';

export interface ReassemblyLimits {
  readonly packetsMax: number;
  /** Bytes of all fragments that wait. */
  readonly bytesMax: number;
  /** Fragments of one packet. */
  readonly fragmentsMax: number;
  /** RFC 8200 §4.5: 60 s; RFC 1122 §3.3.2: 60 to 120 s. */
  readonly timeoutNanos: Nanos;
}

export const defaultReassemblyLimits: ReassemblyLimits = {
  packetsMax: 256,
  bytesMax: 4 * 1024 * 1024,
  fragmentsMax: 128,
  timeoutNanos: 60 * SECOND,
};

/** One fragment: its payload stands from `at` to `end` in `frame`, and belongs `offset` bytes into the packet's payload. */
export interface Fragment {
  readonly frame: Uint8Array;
  /** Where its IP header stands. */
  readonly packetAt: number;
  readonly at: number;
  readonly end: number;
  readonly offset: number;
  readonly more: boolean;
}

/** What is kept of a fragment: copies, as a frame may be far longer than what it brings. */
interface Piece {
  readonly offset: number;
  readonly more: boolean;
  readonly bytes: Uint8Array;
}

interface Partial {
  readonly pieces: Piece[];
  bytes: number;
  /** Known once the last fragment has come. */
  totalBytes: number;
  readonly deadline: Nanos;
  /** The first fragment's packet, as much of it as an ICMP error about the packet quotes. */
  first: Uint8Array | undefined;
}

export interface ReassemblyCounters {
  /** Names of RFC 4293. */
  ipReasmReqds: number;
  ipReasmOKs: number;
  /** Overlaps, timeouts, bounds. */
  ipReasmFails: number;
}

/** Who is told of what does not become whole. */
export interface ReassemblyHost {
  /** Time ran out for a packet whose first fragment came: that packet, from its IP header on. */
  timedOut(first: Uint8Array): void;
  /** A packet was given up to make room for another. */
  full(limits: ReassemblyLimits): void;
}

const PAYLOAD_BYTES_MAX = 65535;
/** The longest quote is ICMPv6's, a packet of the smallest MTU. */
const QUOTE_BYTES_MAX = 1280;

export class Reassembly {
  readonly counters: ReassemblyCounters = { ipReasmReqds: 0, ipReasmOKs: 0, ipReasmFails: 0 };
  readonly #clock: Clock;
  readonly #limits: ReassemblyLimits;
  readonly #host: ReassemblyHost;
  /** Oldest first: they all wait equally long. */
  readonly #partials = new Map<string, Partial>();
  #bytes = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, host: ReassemblyHost, limits: ReassemblyLimits = defaultReassemblyLimits) {
    this.#clock = clock;
    this.#host = host;
    this.#limits = limits;
  }

  get waitingPackets(): number {
    return this.#partials.size;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Takes a fragment of the packet that `key` names; gives back the packet's whole payload when this one was the last to come. */
  handleFragment(key: string, fragment: Fragment): Uint8Array | undefined {
    this.counters.ipReasmReqds += 1;
    const bytes = fragment.end - fragment.at;
    const end = fragment.offset + bytes;
    // All but the last carry whole units of 8 bytes (RFC 791 §3.1, RFC 8200 §4.5).
    if (bytes === 0 || end > PAYLOAD_BYTES_MAX || (fragment.more && bytes % 8 !== 0)) return this.#fail(key);
    let partial = this.#partials.get(key);
    if (partial === undefined) {
      if (this.#partials.size >= this.#limits.packetsMax) this.#dropOldest();
      partial = { pieces: [], bytes: 0, totalBytes: -1, deadline: this.#clock.now() + this.#limits.timeoutNanos, first: undefined };
      this.#partials.set(key, partial);
      this.#wake();
    }
    const { pieces } = partial;
    let place = pieces.length;
    while (place > 0 && pieces[place - 1]!.offset > fragment.offset) place -= 1;
    const before = pieces[place - 1];
    const behind = pieces[place];
    if (before !== undefined && before.offset === fragment.offset && endOf(before) === end && before.more === fragment.more)
      return undefined; // twice
    const overlaps = (before !== undefined && endOf(before) > fragment.offset) || (behind !== undefined && behind.offset < end);
    const beyond = partial.totalBytes !== -1 && (end > partial.totalBytes || !fragment.more);
    const cutsShort = !fragment.more && pieces.length !== 0 && endOf(pieces.at(-1)!) > end;
    if (overlaps || beyond || cutsShort || pieces.length >= this.#limits.fragmentsMax) return this.#fail(key);
    while (this.#bytes + bytes > this.#limits.bytesMax) {
      const oldest = this.#partials.keys().next().value!;
      if (oldest === key) return this.#fail(key);
      this.#dropOldest();
    }
    const { frame, at, packetAt } = fragment;
    pieces.splice(place, 0, { offset: fragment.offset, more: fragment.more, bytes: frame.slice(at, fragment.end) });
    partial.bytes += bytes;
    this.#bytes += bytes;
    if (fragment.offset === 0) partial.first = frame.slice(packetAt, Math.min(fragment.end, packetAt + QUOTE_BYTES_MAX));
    if (!fragment.more) partial.totalBytes = end;
    if (partial.bytes !== partial.totalBytes) return undefined;
    this.#forget(key, partial);
    this.counters.ipReasmOKs += 1;
    const whole = new Uint8Array(partial.totalBytes);
    for (const piece of pieces) whole.set(piece.bytes, piece.offset);
    return whole;
  }

  #fail(key: string): undefined {
    this.counters.ipReasmFails += 1;
    const partial = this.#partials.get(key);
    if (partial !== undefined) this.#forget(key, partial);
    return undefined;
  }

  #dropOldest(): void {
    const [key] = this.#partials.keys();
    if (key === undefined) return;
    this.#fail(key);
    this.#host.full(this.#limits);
  }

  #forget(key: string, partial: Partial): void {
    this.#partials.delete(key);
    this.#bytes -= partial.bytes;
    if (this.#partials.size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
  }

  #wake(): void {
    if (this.#timer !== undefined) return;
    const oldest = this.#partials.values().next().value;
    if (oldest === undefined) return;
    this.#timer = this.#clock.after(Math.max(0, oldest.deadline - this.#clock.now()), () => {
      this.#timer = undefined;
      const now = this.#clock.now();
      for (const [key, partial] of this.#partials) {
        if (partial.deadline > now) break;
        const { first } = partial;
        this.#fail(key);
        if (first !== undefined) this.#host.timedOut(first);
      }
      this.#wake();
    });
  }
}

const endOf = (piece: Piece): number => piece.offset + piece.bytes.length;
