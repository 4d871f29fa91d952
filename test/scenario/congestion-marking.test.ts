/** Queues of a switch that mark, and TCP that heeds it: senders share the way to one host, and nothing is lost. */
import { describe, expect, it } from 'vitest';
import { MICROSECOND, MILLISECOND } from '../../src/base/clock.ts';
import type { CongestionControlName } from '../../src/inet/tcp/congestion/control.ts';
import { Collector } from '../../src/inet/tcp/testing/tcp-pair.ts';
import type { EcnSettings } from '../../src/runtime/congestion-marking.ts';
import { address } from '../../src/wire/ip/address.ts';
import { star } from './star.ts';

const SENDERS = 4;
const RATE = 10e9;
const BUFFER_BYTES = 500_000;
const SETTLE_NANOS = 5 * MILLISECOND;
const MEASURE_NANOS = 20 * MILLISECOND;

interface Outcome {
  /** Of what the link to the receiver can carry. */
  readonly share: number;
  readonly meanQueueBytes: number;
  readonly mostQueueBytes: number;
  readonly marks: number;
  readonly drops: number;
  readonly retransmitted: number;
  readonly timeouts: number;
  /** Least of what a sender got, to the most. */
  readonly fairness: number;
}

function outcome(congestionControl: CongestionControlName, ecn: EcnSettings | undefined): Outcome {
  const { clock, hosts } = star(
    SENDERS + 1,
    { congestionControl },
    { rateBitsPerSecond: RATE, delayNanos: 5000, queueBytes: BUFFER_BYTES },
  );
  const [receiver, ...senders] = hosts;
  // The queue of the switch at its port to the receiver.
  receiver!.link.setEcn(ecn, 1);
  const got: Collector[] = [];
  receiver!.tcp.listen({
    port: 80,
    onConnection() {
      got.push(new Collector(false, 65_536));
      return got.at(-1)!;
    },
  });
  const chunk = new Uint8Array(65_536);
  for (const { tcp } of senders) {
    const write = (): void => {
      while (stream.queuedBytes < 2_000_000) stream.write([chunk], write);
    };
    const stream = tcp.connect(address('192.0.2.1'), 80, { receiver: new Collector(false), opened: write })!;
  }
  clock.run(clock.now() + SETTLE_NANOS);
  const before = got.map(({ bytes }) => bytes);
  let [sum, most, samples] = [0, 0, 0];
  for (const end = clock.now() + MEASURE_NANOS; clock.now() < end; samples += 1) {
    clock.run(clock.now() + 10 * MICROSECOND);
    const waiting = receiver!.link.waitingBytes(1);
    sum += waiting;
    most = Math.max(most, waiting);
  }
  const bytes = got.map((one, index) => one.bytes - before[index]!);
  const total = bytes.reduce((all, one) => all + one, 0);
  const { congestionMarks, queueDrops } = receiver!.link.counters(1);
  return {
    share: (total * 8 * (1538 / 1448)) / (RATE * (MEASURE_NANOS / 1e9)),
    meanQueueBytes: sum / samples,
    mostQueueBytes: most,
    marks: congestionMarks,
    drops: queueDrops,
    retransmitted: senders.reduce((all, { tcp }) => all + tcp.counters.retransmittedSegments, 0),
    timeouts: senders.reduce((all, { tcp }) => all + tcp.counters.timeouts, 0),
    fairness: Math.min(...bytes) / Math.max(...bytes),
  };
}

/** RFC 8257 §3.1 and the paper it rests on: some 65 packets at 10 Gb/s. */
const K = 65 * 1514;
const step: EcnSettings = { minBytes: K, maxBytes: K, maxProbability: 1 };
const ramp: EcnSettings = { minBytes: K / 2, maxBytes: 2 * K, maxProbability: 0.1 };

describe('a queue that marks', () => {
  it('is kept near its threshold by DCTCP, and the link is full', () => {
    const result = outcome('dctcp', step);
    expect(result).toMatchObject({ drops: 0, retransmitted: 0, timeouts: 0 });
    expect(result.share).toBeGreaterThan(0.97);
    expect(result.meanQueueBytes).toBeGreaterThan(K / 2);
    expect(result.meanQueueBytes).toBeLessThan(1.25 * K);
    expect(result.mostQueueBytes).toBeLessThan(2 * K);
    expect(result.fairness).toBeGreaterThan(0.5);
  });

  it.each([
    ['a step', step],
    ['a ramp', ramp],
  ])('makes CUBIC give way before anything is lost: %s', (_, ecn) => {
    const result = outcome('cubic', ecn);
    expect(result).toMatchObject({ drops: 0, retransmitted: 0, timeouts: 0 });
    expect(result.marks).toBeGreaterThan(0);
    expect(result.share).toBeGreaterThan(0.9);
    expect(result.mostQueueBytes).toBeLessThan(BUFFER_BYTES);
  });

  it('is what it takes: without marks CUBIC fills the buffer, and frames are lost', () => {
    const result = outcome('cubic', undefined);
    expect([result.drops > 0, result.retransmitted > 0, result.marks]).toEqual([true, true, 0]);
    expect(result.mostQueueBytes).toBeGreaterThan(0.9 * BUFFER_BYTES);
  });
});
