/** Frames in the order of a time each, in a ring that grows; equal times keep the order they came in. */
import type { Nanos } from '../base/clock.ts';
import type { FrameTail } from '../base/port.ts';

const PLACES_MIN = 16;

export class FrameRing {
  #frames: (Uint8Array | undefined)[] = Array.from({ length: PLACES_MIN });
  #tails: (FrameTail | undefined)[] = Array.from({ length: PLACES_MIN });
  #times = new Float64Array(PLACES_MIN);
  #first = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Of the first frame; there must be one. */
  get firstTime(): Nanos {
    return this.#times[this.#first]!;
  }

  get firstFrame(): Uint8Array {
    return this.#frames[this.#first]!;
  }

  get firstTail(): FrameTail | undefined {
    return this.#tails[this.#first];
  }

  /** True: it is the first now. */
  insert(frame: Uint8Array, time: Nanos, tail: FrameTail | undefined): boolean {
    if (this.#count === this.#frames.length) this.#grow();
    const mask = this.#frames.length - 1;
    let place = this.#count;
    for (; place > 0; place -= 1) {
      const before = (this.#first + place - 1) & mask;
      if (this.#times[before]! <= time) break;
      this.#put((before + 1) & mask, this.#frames[before], this.#times[before]!, this.#tails[before]);
    }
    this.#put((this.#first + place) & mask, frame, time, tail);
    this.#count += 1;
    return place === 0;
  }

  removeFirst(): void {
    this.#frames[this.#first] = undefined;
    this.#tails[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#frames.length - 1);
    this.#count -= 1;
  }

  clear(): void {
    this.#frames.fill(undefined);
    this.#tails.fill(undefined);
    this.#count = 0;
  }

  #put(slot: number, frame: Uint8Array | undefined, time: Nanos, tail: FrameTail | undefined): void {
    this.#frames[slot] = frame;
    this.#times[slot] = time;
    this.#tails[slot] = tail;
  }

  #grow(): void {
    const size = this.#frames.length;
    const [frames, tails, times, first] = [this.#frames, this.#tails, this.#times, this.#first];
    this.#frames = Array.from({ length: size * 2 });
    this.#tails = Array.from({ length: size * 2 });
    this.#times = new Float64Array(size * 2);
    this.#first = 0;
    for (let index = 0; index < size; index += 1) {
      const from = (first + index) & (size - 1);
      this.#put(index, frames[from], times[from]!, tails[from]);
    }
  }
}
