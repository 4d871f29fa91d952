/** What every port to the world has in common: it is the wire of a port of ours, counts, and can be taken off. */
import type { EventSink } from '../../base/event.ts';
import type { Port, Wire } from '../../base/port.ts';

export interface AttachmentCounters {
  framesIn: number;
  bytesIn: number;
  framesOut: number;
  bytesOut: number;
  /** Lost before they were read: the kernel's queue was full, as far as it says. */
  dropsIn: number;
  /** Not taken by the other end: it is gone, does not read, or has no room. */
  dropsOut: number;
  /** Longer than what is at the other end carries. */
  tooLong: number;
  /** No frames, or none for us. */
  malformed: number;
}

export const attachmentCounters = (): AttachmentCounters => ({
  framesIn: 0,
  bytesIn: 0,
  framesOut: 0,
  bytesOut: 0,
  dropsIn: 0,
  dropsOut: 0,
  tooLong: 0,
  malformed: 0,
});

/** Something of the world that is plugged into a port of ours. */
export interface Attachment {
  readonly wire: Wire;
  readonly counters: Readonly<AttachmentCounters>;
  /** Unplugs it; the port hears that its carrier is gone. */
  close(): void;
}

export interface AttachmentServices {
  readonly events: EventSink;
}

/** Software at the other end takes what it can; the figure is for who computes costs of paths by it. */
export const SOFTWARE_RATE_BITS_PER_SECOND = 10e9;

/** Longest frame taken from the world: the most an IPv4 packet can be, with two tags; what QEMU and Linux hand over fits. */
export const FRAME_BYTES_MAX = 65_535 + 22;

/** The wire that stands for it: up and down by hand. */
export class OutsideWire implements Wire {
  readonly rateBitsPerSecond = SOFTWARE_RATE_BITS_PER_SECOND;
  readonly #port: Port;
  readonly #send: (frame: Uint8Array) => void;
  #up = false;

  constructor(port: Port, send: (frame: Uint8Array) => void) {
    this.#port = port;
    this.#send = send;
    port.wire = this;
  }

  get carrier(): boolean {
    return this.#up;
  }

  transmit(frame: Uint8Array): void {
    this.#send(frame);
  }

  setUp(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#port.handleCarrier(up);
  }

  unplug(): void {
    this.setUp(false);
    if (this.#port.wire === this) this.#port.wire = undefined;
  }
}
