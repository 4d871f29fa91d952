import { describe, expect, it } from 'vitest';
import { tcpStorm, tcpStormCommand } from './tcp-storm.ts';

const SEEDS = 200;
const PER_TEST = 50;

describe('storms of two TCPs', () => {
  for (let first = 1; first <= SEEDS; first += PER_TEST) {
    it(`seeds ${first} to ${first + PER_TEST - 1}: what arrives is what was sent, and everything ends`, () => {
      let bytes = 0;
      let retransmitted = 0;
      for (let seed = first; seed < first + PER_TEST; seed += 1) {
        const report = tcpStorm(seed);
        expect(report.violations, tcpStormCommand(seed)).toEqual([]);
        bytes += report.bytes;
        retransmitted += report.retransmitted;
      }
      // A storm in which nothing moves, or nothing is lost, would show nothing.
      expect(bytes).toBeGreaterThan(5_000_000);
      expect(retransmitted).toBeGreaterThan(300);
    });
  }
});
