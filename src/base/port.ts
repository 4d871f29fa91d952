/**
 * Ports and what is plugged into them. A frame (`Uint8Array`, from the destination address to the end of the payload) never changes once it
 * was sent: it may be kept, and be under way in several places at once.
 */

/** What a device has: frames come in through it. */
export interface Port {
  /** For people, unique within its device. */
  readonly name: string;
  /** What is plugged in; undefined: nothing. Set by whoever plugs. */
  wire: Wire | undefined;
  /** A frame has come. */
  handleFrame(frame: Uint8Array): void;
  /** The other end came up or went away. */
  handleCarrier(up: boolean): void;
}

/** What is plugged into a port: a link, a virtual machine, an interface of the operating system, the end of a tunnel. */
export interface Wire {
  readonly rateBitsPerSecond: number;
  /** True while frames can get anywhere. */
  readonly carrier: boolean;
  /** Takes a frame; it arrives, waits its turn, or is dropped and counted. */
  transmit(frame: Uint8Array): void;
}
