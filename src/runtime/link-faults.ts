/** What can happen to frames on a link; each with a probability from 0 to 1. */
import type { Nanos } from '../base/clock.ts';
import { below, type Rng } from '../base/rng.ts';

export interface LinkFaults {
  readonly loss: number;
  /** A few bits are turned over. The check sequence would catch it: the receiver's own checksums are what it is for. */
  readonly corruption: number;
  readonly duplication: number;
  /** A frame is held up for `reorderingNanos`, and others pass it. */
  readonly reordering: number;
  readonly reorderingNanos: Nanos;
}

export const NO_FAULTS: LinkFaults = { loss: 0, corruption: 0, duplication: 0, reordering: 0, reorderingNanos: 0 };

/** A copy with one to three bits turned over. */
export function spoil(frame: Uint8Array, rng: Rng): Uint8Array {
  const spoilt = new Uint8Array(frame);
  if (spoilt.length === 0) return spoilt;
  for (let bits = 1 + below(rng, 3); bits > 0; bits -= 1) {
    const at = below(rng, spoilt.length);
    spoilt[at] = spoilt[at]! ^ (1 << below(rng, 8));
  }
  return spoilt;
}
