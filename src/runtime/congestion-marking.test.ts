import { describe, expect, it } from 'vitest';
import { seededRng } from '../base/rng.ts';
import { putEthernet } from '../wire/ethernet/frame.ts';
import { marksAt } from './congestion-marking.ts';
import { defaultLinkSettings, Link } from './link.ts';
import { TestPort } from './testing/test-port.ts';
import { VirtualClock } from './virtual-clock.ts';

const packet = (trafficClass: number): Uint8Array => {
  const frame = new Uint8Array(1000);
  putEthernet(frame, 0, 0x0200_0000_0b02, 0x0200_0000_0a01, 0x86dd);
  frame.set([0x60, trafficClass << 4], 14);
  return frame;
};
const isMarked = (frame: Uint8Array): boolean => (frame[15]! & 0x30) === 0x30;

describe('marksAt', () => {
  it('is a step where the thresholds are alike', () => {
    const step = { minBytes: 1000, maxBytes: 1000, maxProbability: 1 };
    expect([0, 1000, 1001, 50_000].map((waiting) => marksAt(step, waiting, seededRng(1)))).toEqual([false, false, true, true]);
  });

  it('is a ramp between them', () => {
    const ramp = { minBytes: 1000, maxBytes: 5000, maxProbability: 0.2 };
    const rng = seededRng(1);
    const share = (waiting: number): number => {
      let marks = 0;
      for (let count = 0; count < 20_000; count += 1) if (marksAt(ramp, waiting, rng)) marks += 1;
      return marks / 20_000;
    };
    expect([share(1000), share(5001)]).toEqual([0, 1]);
    for (const [waiting, expected] of [
      [2000, 0.05],
      [3000, 0.1],
      [5000, 0.2],
    ] as const)
      expect(Math.abs(share(waiting) - expected)).toBeLessThan(0.01);
  });
});

describe('a queue that marks', () => {
  it('marks what joins beyond its threshold, at the end it is set for, and drops nothing for it', () => {
    const clock = new VirtualClock();
    const [a, b] = [new TestPort('a', clock), new TestPort('b', clock)];
    const link = new Link(a, b, { ...defaultLinkSettings, queueBytes: 10_000 }, { clock, rng: seededRng(1) });
    link.setUp(true);
    link.setEcn({ minBytes: 3000, maxBytes: 3000, maxProbability: 1 }, 0);
    const sent = Array.from({ length: 8 }, () => packet(2));
    for (const frame of sent) a.wire!.transmit(frame);
    for (let count = 0; count < 8; count += 1) b.wire!.transmit(packet(2));
    expect(link.waitingBytes(0)).toBe(7000);
    clock.settle(100);
    // One is on the wire, four find at most 3000 bytes before them.
    expect(b.arrivals.map((one) => isMarked(one.frame))).toEqual([false, false, false, false, false, true, true, true]);
    expect(a.arrivals.some((one) => isMarked(one.frame))).toBe(false);
    expect(sent.some(isMarked)).toBe(false);
    expect([link.counters(0), link.counters(1)]).toMatchObject([{ congestionMarks: 3, queueDrops: 0 }, { congestionMarks: 0 }]);
  });

  it('leaves alone what knows nothing of marks', () => {
    const clock = new VirtualClock();
    const [a, b] = [new TestPort('a', clock), new TestPort('b', clock)];
    const link = new Link(a, b, defaultLinkSettings, { clock, rng: seededRng(1) });
    link.setUp(true);
    link.setEcn({ minBytes: 0, maxBytes: 0, maxProbability: 1 });
    for (let count = 0; count < 5; count += 1) a.wire!.transmit(packet(0));
    clock.settle(100);
    expect(b.arrivals.map((one) => isMarked(one.frame))).toEqual([false, false, false, false, false]);
    expect(link.counters(0).congestionMarks).toBe(0);
  });
});
