/** Frames that pass a link, as a pcapng stream: stamps in nanoseconds, one interface an end, comments on what was dropped. */
import type { Clock } from '../base/clock.ts';
import { headerBytes } from '../wire/headers.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../wire/pcapng.ts';
import type { LinkTap } from './link.ts';

/** Takes blocks in order; false: it can't take more at present, and frames are left out until it can. */
export type CaptureWriter = (bytes: Uint8Array) => boolean;

export interface CaptureOptions {
  /** Frames are cut behind their headers, so that nothing of what people sent is kept; the capture says how long they were. */
  readonly headersOnly?: boolean | undefined;
}

export class Capture {
  readonly #write: CaptureWriter;
  readonly #clock: Clock;
  readonly #headersOnly: boolean;
  /** What the clock counts from, in nanoseconds since 1970: two halves of 32 bits. */
  readonly #epochHigh: number;
  readonly #epochLow: number;
  #interfaces = 0;
  /** Frames that the writer had no room for. */
  omitted = 0;

  constructor(write: CaptureWriter, clock: Clock, epochNanos = 0n, options: CaptureOptions = {}) {
    this.#headersOnly = options.headersOnly === true;
    this.#write = write;
    this.#clock = clock;
    this.#epochHigh = Number(epochNanos >> 32n);
    this.#epochLow = Number(epochNanos & 0xffff_ffffn);
    write(sectionHeader('samewire'));
  }

  /** A tap for one link: what either end sends is captured at that end's interface. */
  tap(names: readonly [string, string]): LinkTap {
    const first = this.#interfaces;
    for (const [index, name] of names.entries()) this.#write(interfaceDescription(name, `to ${names[1 - index]}`));
    this.#interfaces += 2;
    return {
      handleSent: (from, frame) => this.#frame(first + from, frame, undefined),
      handleDropped: (from, frame, why) => this.#frame(first + from, frame, `dropped: ${why}`),
    };
  }

  #frame(interfaceIndex: number, frame: Uint8Array, comment: string | undefined): void {
    const low = this.#epochLow + this.#clock.now();
    const high = this.#epochHigh + Math.floor(low / 0x1_0000_0000);
    const kept = this.#headersOnly ? frame.subarray(0, headerBytes(frame)) : frame;
    if (!this.#write(enhancedPacket(interfaceIndex, high, low % 0x1_0000_0000, kept, 'out', comment, frame.length))) this.omitted += 1;
  }
}
