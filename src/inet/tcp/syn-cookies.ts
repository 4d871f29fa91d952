/**
 * SYN cookies (RFC 4987 §3.6): beyond the backlog nothing is kept of a SYN; what there is to know of it stands in the sequence number of the
 * answer, and in the low bits of its timestamp, and comes back with the acknowledgment.
 */
import { type Nanos, SECOND } from '../../base/clock.ts';
import type { Rng } from '../../base/rng.ts';
import { type Flow, flowWords } from './flow-table.ts';
import { type SipKey, sipHash, sipKey } from './siphash.ts';
import type { TcpOptions } from '../../wire/ip/tcp.ts';

/** A cookie is good for this step and the one before. */
const STEP_NANOS: Nanos = 64 * SECOND;
const STEPS = 32;
const AGE_MAX = 1;
/** What segment sizes of the world come down to, at least as large as what they stand for: three bits. */
const SEGMENT_BYTES = [256, 536, 1024, 1220, 1300, 1440, 1460, 8940] as const;
const HASH_BITS = 24;
const HASH_MASK = 0xff_ffff;
/** In the timestamp: four bits of window scale (15: none), selective acknowledgments, congestion marks. */
const NO_SCALE = 15;
const SACK_BIT = 0x10;
const ECN_BIT = 0x20;
const STAMP_BITS = 0x3f;

/** What a cookie's timestamp tells of the SYN. */
export interface StampNews {
  readonly windowScale: number;
  readonly sack: boolean;
  readonly ecn: boolean;
}

const words = new Uint32Array(12);

export class SynCookies {
  readonly #key: SipKey;

  constructor(rng: Rng) {
    this.#key = sipKey(rng);
  }

  #hash(flow: Flow, initial: number, step: number, index: number): number {
    const count = flowWords(flow.localAddress, flow.localPort, flow.remoteAddress, flow.remotePort, words);
    words[count] = initial;
    words[count + 1] = step * 8 + index;
    return sipHash(this.#key, words, count + 2) & HASH_MASK;
  }

  /** Our initial sequence number for a SYN that begins at `initial`. */
  make(flow: Flow, initial: number, segmentBytes: number, now: Nanos): number {
    const step = Math.floor(now / STEP_NANOS);
    let index = 0;
    while (index + 1 < SEGMENT_BYTES.length && SEGMENT_BYTES[index + 1]! <= segmentBytes) index += 1;
    return (((step % STEPS) << (HASH_BITS + 3)) | (index << HASH_BITS) | this.#hash(flow, initial, step, index)) >>> 0;
  }

  /** The largest segment the SYN spoke of; undefined: this is no cookie of ours. */
  check(flow: Flow, initial: number, cookie: number, now: Nanos): number | undefined {
    const current = Math.floor(now / STEP_NANOS);
    const age = (current - (cookie >>> (HASH_BITS + 3)) + STEPS * 2) % STEPS;
    if (age > AGE_MAX || age > current) return undefined;
    const index = (cookie >>> HASH_BITS) & 7;
    return (cookie & HASH_MASK) === this.#hash(flow, initial, current - age, index) ? SEGMENT_BYTES[index] : undefined;
  }
}

/** A timestamp not later than `stamp` that tells of the SYN's options. */
export function stampWithOptions(stamp: number, options: TcpOptions, ecn: boolean): number {
  const bits = (options.windowScale === -1 ? NO_SCALE : options.windowScale) | (options.sackPermitted ? SACK_BIT : 0) | (ecn ? ECN_BIT : 0);
  const told = (stamp & ~STAMP_BITS) | bits;
  return (told >>> 0 > stamp ? told - STAMP_BITS - 1 : told) >>> 0;
}

/** What the echo of such a timestamp tells. Without one, nothing was agreed on. */
export const optionsOfStamp = (echo: number | undefined): StampNews =>
  echo === undefined
    ? { windowScale: -1, sack: false, ecn: false }
    : { windowScale: (echo & 15) === NO_SCALE ? -1 : echo & 15, sack: (echo & SACK_BIT) !== 0, ecn: (echo & ECN_BIT) !== 0 };
