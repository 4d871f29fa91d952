/**
 * When a queue marks what joins it. With both thresholds alike it is the step that DCTCP asks of switches (RFC 8257 §3.1: more than K bytes wait);
 * apart, it is the ramp of RED on the length of the moment, as DCQCN's switches have it. Packets that can't be marked are let in as they are.
 */
import { chance, type Rng } from '../base/rng.ts';

export interface EcnSettings {
  /** Up to so many waiting bytes nothing is marked. */
  readonly minBytes: number;
  /** From more than so many on everything is. */
  readonly maxBytes: number;
  /** What the probability of a mark grows to in between. */
  readonly maxProbability: number;
}

export function marksAt({ minBytes, maxBytes, maxProbability }: EcnSettings, waitingBytes: number, rng: Rng): boolean {
  if (waitingBytes <= minBytes) return false;
  if (waitingBytes > maxBytes) return true;
  return chance(rng, (maxProbability * (waitingBytes - minBytes)) / (maxBytes - minBytes));
}
