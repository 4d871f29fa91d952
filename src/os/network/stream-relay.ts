/** Joins two byte streams: what arrives on one leaves on the other, each waits for the other, and they end together. */
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';

const BUFFER_BYTES = 64 * 1024;
/** A buffer with less than this left is not worth another arrival. */
const PIECE_BYTES_MIN = 4096;
/** Bytes on their way to one side; beyond, the other is not read, until half of them have left. */
const UNDER_WAY_BYTES_MAX = 1024 * 1024;

export interface Relay {
  /** What each stream is to be opened with. */
  readonly receivers: readonly [ByteStreamReceiver, ByteStreamReceiver];
  /** The stream of a side is there. */
  attach(side: 0 | 1, stream: ByteStream): void;
  close(): void;
}

/** `ended` runs once, when both streams are over. What arrives before the other side is there waits, up to a bound. */
export function streamRelay(ended: () => void): Relay {
  const sides: [Side, Side] = [new Side(), new Side()];
  for (const side of [0, 1] as const) sides[side].other = sides[1 - side]!;
  const receiver = (side: Side): ByteStreamReceiver => ({
    nextBuffer: () => side.nextBuffer(),
    handleBytes: (count) => side.handleBytes(count),
    handleClose: () => {
      side.over = true;
      side.other!.end();
      if (side.other!.over) ended();
    },
  });
  return {
    receivers: [receiver(sides[0]), receiver(sides[1])],
    attach: (side, stream) => sides[side].attach(stream),
    close: () => {
      for (const { stream } of sides) stream?.destroy();
    },
  };
}

class Side {
  stream: ByteStream | undefined;
  other: Side | undefined;
  over = false;
  #buffer = new Uint8Array(0);
  #free = 0;
  /** For this side, before it is there. */
  #early: Uint8Array[] = [];
  #underWay = 0;
  #ending = false;

  attach(stream: ByteStream): void {
    this.stream = stream;
    for (const piece of this.#early.splice(0)) this.#write(piece);
    if (this.#ending) stream.end();
  }

  nextBuffer(): Uint8Array {
    if (this.#buffer.length - this.#free < PIECE_BYTES_MIN) {
      this.#buffer = new Uint8Array(BUFFER_BYTES);
      this.#free = 0;
    }
    return this.#buffer.subarray(this.#free);
  }

  handleBytes(count: number): void {
    const piece = this.#buffer.subarray(this.#free, this.#free + count);
    this.#free += count;
    this.other!.send(piece);
  }

  send(piece: Uint8Array): void {
    this.#underWay += piece.length;
    if (this.#underWay > UNDER_WAY_BYTES_MAX) this.other!.stream?.pause();
    if (this.stream === undefined) this.#early.push(piece);
    else this.#write(piece);
  }

  #write(piece: Uint8Array): void {
    this.stream!.write([piece], () => {
      const before = this.#underWay;
      this.#underWay -= piece.length;
      if (before > UNDER_WAY_BYTES_MAX / 2 && this.#underWay <= UNDER_WAY_BYTES_MAX / 2) this.other!.stream?.resume();
    });
  }

  end(): void {
    this.#ending = true;
    this.stream?.end();
  }
}
