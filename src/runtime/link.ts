/**
 * A full-duplex link between two ports, in any clock: every frame takes its time on the wire (IEEE 802.3 §3.2, with preamble and gap),
 * waits its turn in a bounded queue, and travels for the link's delay. Faults happen by a seed.
 */
import { assert } from '../base/assert.ts';
import type { Nanos } from '../base/clock.ts';
import type { Port } from '../base/port.ts';
import type { EcnSettings } from './congestion-marking.ts';
import { type LinkCounters, LinkDirection, type LinkServices, type LinkSettings, type LinkTap } from './link-direction.ts';
import type { LinkFaults } from './link-faults.ts';

export { linkCounters } from './link-direction.ts';
export type { LinkCounters, LinkServices, LinkSettings, LinkTap } from './link-direction.ts';

export const defaultLinkSettings: LinkSettings = {
  rateBitsPerSecond: 10e9,
  delayNanos: 500,
  frameBytesMax: 9216 + 22,
  queueBytes: 1024 * 1024,
};

export class Link {
  readonly #ports: readonly [Port, Port];
  readonly #ends: readonly [LinkDirection, LinkDirection];
  #up = false;

  /** Plugs the link into both ports; `up` brings it up. */
  constructor(a: Port, b: Port, settings: LinkSettings, services: LinkServices) {
    assert(a.wire === undefined && b.wire === undefined, 'a port takes one plug');
    this.#ports = [a, b];
    this.#ends = [new LinkDirection(0, b, settings, services), new LinkDirection(1, a, settings, services)];
    a.wire = this.#ends[0];
    b.wire = this.#ends[1];
  }

  get carrier(): boolean {
    return this.#up;
  }

  /** Mends or cuts the link; what is under way when it is cut is lost. */
  setUp(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    for (const end of this.#ends) end.setCarrier(up);
    for (const port of this.#ports) port.handleCarrier(up);
  }

  /** Faults of what the given end sends; both ends without one. */
  setFaults(faults: LinkFaults, end?: 0 | 1): void {
    for (const direction of this.#endsOf(end)) direction.faults = faults;
  }

  /** Of what the given end sends. */
  faults(end: 0 | 1): LinkFaults {
    return this.#ends[end].faults;
  }

  /** Of what the given end sends from now on; of both ends without one. Nothing overtakes what is under way. */
  setDelay(nanos: Nanos, end?: 0 | 1): void {
    for (const direction of this.#endsOf(end)) direction.setDelay(nanos);
  }

  /** Of what the given end sends. */
  delayNanos(end: 0 | 1): Nanos {
    return this.#ends[end].delayNanos;
  }

  /** Marks for congestion by the queue of the given end; of both ends without one. Undefined: none. */
  setEcn(ecn: EcnSettings | undefined, end?: 0 | 1): void {
    for (const direction of this.#endsOf(end)) direction.ecn = ecn;
  }

  setTap(tap: LinkTap | undefined): void {
    for (const end of this.#ends) end.tap = tap;
  }

  /** Of what the given end sent. */
  counters(end: 0 | 1): Readonly<LinkCounters> {
    return this.#ends[end].counters;
  }

  /** What waits for its turn at the given end. */
  waitingBytes(end: 0 | 1): number {
    return this.#ends[end].waitingBytes;
  }

  unplug(): void {
    this.setUp(false);
    for (const port of this.#ports) port.wire = undefined;
  }

  #endsOf(end: 0 | 1 | undefined): readonly LinkDirection[] {
    return end === undefined ? this.#ends : [this.#ends[end]];
  }
}
