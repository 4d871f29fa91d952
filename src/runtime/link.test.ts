import { describe, expect, it } from 'vitest';
import { hex } from '../base/bytes.ts';
import { below, seededRng } from '../base/rng.ts';
import { defaultLinkSettings, Link, type LinkSettings } from './link.ts';
import { NO_FAULTS } from './link-faults.ts';
import { TestPort } from './testing/test-port.ts';
import { VirtualClock } from './virtual-clock.ts';

interface Bench {
  readonly clock: VirtualClock;
  readonly a: TestPort;
  readonly b: TestPort;
  readonly link: Link;
}

function bench(settings: Partial<LinkSettings> = {}, seed = 1): Bench {
  const clock = new VirtualClock();
  const [a, b] = [new TestPort('a', clock), new TestPort('b', clock)];
  const link = new Link(a, b, { ...defaultLinkSettings, ...settings }, { clock, rng: seededRng(seed) });
  link.setUp(true);
  return { clock, a, b, link };
}

const frame = (bytes: number, mark = 0): Uint8Array => new Uint8Array(bytes).fill(mark);
const times = (port: TestPort): number[] => port.arrivals.map(({ at }) => at);

/** 2000 frames over a faulty link: what arrived when, in one line. */
const faultyRun = (seed: number): { log: string; link: Link; b: TestPort } => {
  const { clock, a, b, link } = bench({ queueBytes: 1e9 }, seed);
  link.setFaults({ loss: 0.1, corruption: 0.1, duplication: 0.1, reordering: 0.1, reorderingNanos: 1000 }, 0);
  for (let count = 0; count < 2000; count += 1) a.wire!.transmit(frame(80, count % 251));
  clock.settle(100_000);
  return { log: b.arrivals.map((one) => `${one.at} ${hex(one.frame.subarray(0, 2))}`).join(), link, b };
};

describe('Link', () => {
  it('gives every frame its exact time, with preamble, padding, check sequence and gap', () => {
    const { clock, a, b } = bench({ rateBitsPerSecond: 1e9, delayNanos: 100 });
    a.wire!.transmit(frame(60));
    a.wire!.transmit(frame(14));
    a.wire!.transmit(frame(1514));
    b.wire!.transmit(frame(60));
    clock.settle(100);
    // 84 bytes at 1 Gb/s take 672 ns, 1538 take 12,304: the line rates of 1.488 million and 81,274 frames a second. The gap of 96 comes last.
    expect(times(b)).toEqual([672, 2 * 672, 2 * 672 + 12304].map((end) => end - 96 + 100));
    expect(times(a)).toEqual([672 - 96 + 100]);
  });

  it('keeps the fraction of a nanosecond: 100 Gb/s is 100 Gb/s', () => {
    const { clock, a, b } = bench({ rateBitsPerSecond: 100e9, delayNanos: 0, queueBytes: 1e9 });
    for (let count = 0; count < 10_000; count += 1) a.wire!.transmit(frame(60));
    clock.settle(100_000);
    // 84 bytes take 6.72 ns, of which 0.96 are the gap.
    expect(times(b).at(-1)).toBe(67_199);
    a.wire!.transmit(frame(60));
    clock.settle(10);
    // The next one leaves when the gap is over.
    expect(times(b).at(-1)).toBe(67_205);
    expect(clock.pending).toBe(0);
  });

  it('waits for whole turns only as long as its queue, and counts what finds no room', () => {
    const { clock, a, b, link } = bench({ queueBytes: 300, frameBytesMax: 1514 });
    for (let count = 0; count < 5; count += 1) a.wire!.transmit(frame(100, count));
    a.wire!.transmit(frame(1515));
    clock.settle(100);
    expect(b.arrivals.map((one) => one.frame[0])).toEqual([0, 1, 2, 3]);
    expect(link.counters(0)).toMatchObject({ frames: 4, bytes: 400, queueDrops: 1, giants: 1 });
  });

  it('has two timers at most a direction, however much is under way', () => {
    const { clock, a } = bench({ rateBitsPerSecond: 100e9, delayNanos: 1_000_000 });
    for (let count = 0; count < 1000; count += 1) a.wire!.transmit(frame(100));
    clock.run(500_000);
    expect(clock.pending).toBeLessThanOrEqual(2);
  });

  it('loses what is under way when it is cut, and tells both ports', () => {
    const { clock, a, b, link } = bench({ delayNanos: 1000 });
    for (let count = 0; count < 3; count += 1) a.wire!.transmit(frame(100, count));
    clock.run(1100);
    link.setUp(false);
    a.wire!.transmit(frame(100, 9));
    clock.run(5000);
    link.setUp(true);
    a.wire!.transmit(frame(100, 7));
    clock.settle(10);
    expect(b.arrivals.map((one) => one.frame[0])).toEqual([0, 7]);
    expect(link.counters(0).carrierDrops).toBe(3);
    expect([a.carriers, b.carriers]).toEqual([
      [true, false, true],
      [true, false, true],
    ]);
  });

  it('loses, spoils, doubles and holds up frames by its seed', () => {
    const first = faultyRun(5);
    expect(faultyRun(5).log).toBe(first.log);
    expect(faultyRun(6).log).not.toBe(first.log);
    const { lost, corrupted, duplicated, reordered, frames } = first.link.counters(0);
    expect(frames).toBe(2000);
    expect(first.b.arrivals).toHaveLength(2000 - lost + duplicated);
    for (const count of [lost, corrupted, duplicated, reordered]) expect(Math.abs(count - 190)).toBeLessThan(60);
    // Arrivals are in the order of time, and some frames have passed others.
    const at = times(first.b);
    expect(at).toEqual(at.toSorted((one, other) => one - other));
    expect(first.link.counters(1)).toMatchObject({ frames: 0, lost: 0 });
    first.link.setFaults(NO_FAULTS);
  });

  it('frames of others are not changed by a fault', () => {
    const { clock, a, b, link } = bench();
    link.setFaults({ ...NO_FAULTS, corruption: 1 });
    const sent = frame(100);
    a.wire!.transmit(sent);
    clock.settle(10);
    expect(sent.every((byte) => byte === 0)).toBe(true);
    expect(b.arrivals[0]!.frame.some((byte) => byte !== 0)).toBe(true);
  });

  it('keeps the order of what is under way when the delay is set, and loses nothing', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const rng = seededRng(seed);
      const { clock, a, b, link } = bench({ rateBitsPerSecond: 1e9, queueBytes: 1e9 }, seed);
      let sent = 0;
      for (let step = 0; step < 60; step += 1) {
        if (below(rng, 3) === 0) link.setDelay(below(rng, 4) === 0 ? 0 : below(rng, 50_000));
        const burst = below(rng, 5);
        for (let count = 0; count < burst; count += 1) a.wire!.transmit(frame(60 + below(rng, 1400), (sent += 1) % 251));
        clock.run(clock.now() + below(rng, 30_000));
      }
      clock.settle(100_000);
      const order = b.arrivals.map((one) => one.frame[0]);
      expect(order, `seed ${seed}`).toEqual(Array.from({ length: sent }, (_, index) => (index + 1) % 251));
      const at = times(b);
      expect(at, `seed ${seed}`).toEqual(at.toSorted((one, other) => one - other));
      expect(clock.pending).toBe(0);
    }
  });

  it('gives a port that takes heads none before the frame ahead of it has ended, whatever the delay becomes', () => {
    class HeadPort extends TestPort {
      readonly cutThroughBytes = 64;
      readonly ends: number[] = [];
      override handleFrame(frame: Uint8Array): void {
        super.handleFrame(frame);
        this.ends.push(this.arrivals.at(-1)!.at);
      }
      handleFrameHead(frame: Uint8Array, tail: { readonly endsAt: number }): void {
        super.handleFrame(frame);
        this.ends.push(tail.endsAt);
      }
    }
    for (let seed = 1; seed <= 40; seed += 1) {
      const rng = seededRng(seed);
      const clock = new VirtualClock();
      const [a, b] = [new TestPort('a', clock), new HeadPort('b', clock)];
      const link = new Link(a, b, { ...defaultLinkSettings, rateBitsPerSecond: 1e9, queueBytes: 1e9 }, { clock, rng });
      link.setUp(true);
      for (let sent = 1; sent <= 100; sent += 1) {
        if (below(rng, 4) === 0) link.setDelay(below(rng, 40_000));
        a.wire!.transmit(frame(60 + below(rng, 1400), sent));
        clock.run(clock.now() + below(rng, 20_000));
      }
      clock.settle(10_000);
      expect(
        b.arrivals.map((one) => one.frame[0]),
        `seed ${seed}`,
      ).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
      const early = b.arrivals.filter(({ at }, index) => index > 0 && at < b.ends[index - 1]!);
      expect(early, `seed ${seed}`).toEqual([]);
    }
  });

  it('has a bound on what is under way, and counts what is beyond', () => {
    const { clock, a, b, link } = bench({ rateBitsPerSecond: 400e9, delayNanos: 10e9, queueBytes: 1e12, frameBytesMax: 1e6 });
    // All of them are one: it takes no memory.
    const [one, count] = [frame(1e6), 1200];
    for (let sent = 0; sent < count; sent += 1) a.wire!.transmit(one);
    clock.settle(1_000_000);
    const { queueDrops } = link.counters(0);
    expect(b.arrivals).toHaveLength(Math.floor(1024 ** 3 / 1e6) + 1);
    expect(queueDrops).toBe(count - b.arrivals.length);
    // It has room again.
    a.wire!.transmit(one);
    clock.settle(10);
    expect(b.arrivals).toHaveLength(count - queueDrops + 1);
  });

  it('takes a new delay from the next frame on, each end its own', () => {
    const { clock, a, b, link } = bench({ rateBitsPerSecond: 1e9, delayNanos: 10_000 });
    a.wire!.transmit(frame(60, 1));
    clock.run(1000);
    link.setDelay(100, 0);
    a.wire!.transmit(frame(60, 2));
    b.wire!.transmit(frame(60, 3));
    expect([link.delayNanos(0), link.delayNanos(1)]).toEqual([100, 10_000]);
    clock.run(11_000);
    a.wire!.transmit(frame(60, 4));
    clock.settle(10);
    // The second would have overtaken the first: they come together. The last one is as fast as the delay says.
    expect(times(b)).toEqual([10_576, 10_576, 11_000 + 576 + 100]);
    expect(times(a)).toEqual([1000 + 576 + 10_000]);
  });
});
