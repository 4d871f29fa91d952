/** Randomness nobody can guess, from the operating system. */
import { randomBytes, randomFillSync } from 'node:crypto';
import type { Rng } from '../base/rng.ts';

export const systemRng: Rng = {
  uint32: () => randomBytes(4).readUInt32LE(),
  fill: (target) => randomFillSync(target),
};
