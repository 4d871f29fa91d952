/** Initial sequence numbers (RFC 6528 §3): a clock of four microseconds, and for each four-tuple an offset nobody can guess. */
import type { Clock } from '../../base/clock.ts';
import type { Rng } from '../../base/rng.ts';
import { type Flow, flowWords } from './flow-table.ts';
import { type SipKey, sipHash, sipKey } from './siphash.ts';

/** RFC 9293 §3.4.1 (MUST-8). */
const TICK_NANOS = 4000;
const words = new Uint32Array(12);

export class InitialSequences {
  readonly #key: SipKey;
  readonly #stampKey: SipKey;
  readonly #clock: Clock;

  constructor(rng: Rng, clock: Clock) {
    this.#key = sipKey(rng);
    this.#stampKey = sipKey(rng);
    this.#clock = clock;
  }

  next(flow: Flow): number {
    return (Math.floor(this.#clock.now() / TICK_NANOS) + hashOf(this.#key, flow)) >>> 0;
  }

  /** RFC 7323 §5.4: timestamps tell nobody how long the host is up, and go on for the next connection between the same two. */
  stampOffset(flow: Flow): number {
    return hashOf(this.#stampKey, flow);
  }
}

const hashOf = (key: SipKey, flow: Flow): number =>
  sipHash(key, words, flowWords(flow.localAddress, flow.localPort, flow.remoteAddress, flow.remotePort, words));
