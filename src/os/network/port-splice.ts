/** Stands between a port of ours and what is plugged into it from the world, so that one can listen in there. */
import type { Port, Wire } from '../../base/port.ts';
import type { LinkTap } from '../../runtime/link.ts';

/** Towards the world a port, towards our port the wire in it. */
export class PortSplice implements Port, Wire {
  readonly name: string;
  wire: Wire | undefined = undefined;
  /** End 0 is our port, end 1 the world. */
  tap: LinkTap | undefined = undefined;
  readonly #inner: Port;
  #isBlocked = false;

  constructor(inner: Port) {
    this.#inner = inner;
    this.name = inner.name;
    inner.wire = this;
  }

  get rateBitsPerSecond(): number {
    return this.wire?.rateBitsPerSecond ?? 0;
  }

  get carrier(): boolean {
    return !this.#isBlocked && this.isPlugged;
  }

  /** Somebody is there. */
  get isPlugged(): boolean {
    return this.wire?.carrier === true;
  }

  /** The adapter of our port does not work: whatever is plugged in, there is no carrier. */
  block(isBlocked: boolean): void {
    if (this.#isBlocked === isBlocked) return;
    this.#isBlocked = isBlocked;
    if (this.isPlugged) this.#inner.handleCarrier(!isBlocked);
  }

  transmit(frame: Uint8Array): void {
    if (this.#isBlocked) return;
    this.tap?.handleSent(0, frame);
    this.wire?.transmit(frame);
  }

  handleFrame(frame: Uint8Array): void {
    if (this.#isBlocked) return;
    this.tap?.handleSent(1, frame);
    this.#inner.handleFrame(frame);
  }

  handleCarrier(up: boolean): void {
    if (!this.#isBlocked) this.#inner.handleCarrier(up);
  }
}
