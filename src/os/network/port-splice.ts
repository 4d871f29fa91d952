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

  constructor(inner: Port) {
    this.#inner = inner;
    this.name = inner.name;
    inner.wire = this;
  }

  get rateBitsPerSecond(): number {
    return this.wire?.rateBitsPerSecond ?? 0;
  }

  get carrier(): boolean {
    return this.wire?.carrier === true;
  }

  transmit(frame: Uint8Array): void {
    this.tap?.handleSent(0, frame);
    this.wire?.transmit(frame);
  }

  handleFrame(frame: Uint8Array): void {
    this.tap?.handleSent(1, frame);
    this.#inner.handleFrame(frame);
  }

  handleCarrier(up: boolean): void {
    this.#inner.handleCarrier(up);
  }
}
