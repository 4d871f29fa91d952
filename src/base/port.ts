/**
 * Ports and what is plugged into them. A frame (`Uint8Array`, from the destination address to the end of the payload) never changes once it
 * was sent: it may be kept, and be under way in several places at once.
 */
import type { Nanos } from './clock.ts';

/** What a device has: frames come in through it. */
export interface Port {
  /** For people, unique within its device. */
  readonly name: string;
  /** What is plugged in; undefined: nothing. Set by whoever plugs. */
  wire: Wire | undefined;
  /** How many bytes of a frame it must have before it can pass it on (cut-through); undefined: all. Stays as it is while something is plugged in. */
  readonly cutThroughBytes?: number | undefined;
  /** A frame has come. */
  handleFrame(frame: Uint8Array): void;
  /** `cutThroughBytes` of a frame have come, the rest is still on its way. Only wires that know when bits arrive call it; others hand over whole frames. */
  handleFrameHead?(frame: Uint8Array, tail: FrameTail): void;
  /** The other end came up or went away. */
  handleCarrier(up: boolean): void;
}

/** What is plugged into a port: a link, a virtual machine, an interface of the operating system, the end of a tunnel. */
export interface Wire {
  readonly rateBitsPerSecond: number;
  /** True while frames can get anywhere. */
  readonly carrier: boolean;
  /** Takes a frame; it arrives, waits its turn, or is dropped and counted. With a tail: its end is still coming in elsewhere. */
  transmit(frame: Uint8Array, tail?: FrameTail): void;
}

/** The end of a frame whose head was passed on. */
export interface FrameTail {
  /** When its last bit comes in. */
  readonly endsAt: Nanos;
  /** The end never came: the link was cut in the middle. */
  isCut: boolean;
  /** Its own end, where the frame came from, if that was still to come then. */
  readonly before: FrameTail | undefined;
}

/** What came in is no whole frame: its check sequence would tell. */
export function isCutShort(tail: FrameTail): boolean {
  for (let one: FrameTail | undefined = tail; one !== undefined; one = one.before) if (one.isCut) return true;
  return false;
}
