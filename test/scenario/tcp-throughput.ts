/**
 * How fast our TCP goes over a link of 1 Gb/s in virtual time, for each congestion control, by the link's buffer, loss and delay. The same
 * every time.
 *
 *     npm run throughput:tcp
 */
import { MILLISECOND, type Nanos, SECOND } from '../../src/base/clock.ts';
import type { CongestionControlName } from '../../src/inet/tcp/congestion/control.ts';
import { join, tcpPair } from '../../src/inet/tcp/testing/tcp-pair.ts';
import { NO_FAULTS } from '../../src/runtime/link-faults.ts';

export interface ThroughputPlan {
  readonly congestionControl: CongestionControlName;
  readonly roundTripNanos: Nanos;
  readonly loss: number;
  readonly bufferBytes: number;
  readonly rateBitsPerSecond: number;
  readonly seconds: number;
}

export interface Throughput {
  readonly megabitsPerSecond: number;
  readonly timeouts: number;
  readonly retransmitted: number;
}

const QUEUED_BYTES = 8_000_000;

export function throughput(plan: ThroughputPlan): Throughput {
  const { roundTripNanos, loss, bufferBytes, rateBitsPerSecond, congestionControl, seconds } = plan;
  const pair = tcpPair({ seed: 4, link: { delayNanos: roundTripNanos / 2, queueBytes: bufferBytes, rateBitsPerSecond } });
  const { clock, link } = pair;
  link.setTap(undefined);
  const { client, server } = join(pair, { congestionControl }, false);
  clock.run(clock.now() + 100 * MILLISECOND + 2 * roundTripNanos);
  link.setFaults({ ...NO_FAULTS, loss });
  const chunk = new Uint8Array(65_536);
  const write = (): void => {
    while (client.stream!.queuedBytes < QUEUED_BYTES) client.stream!.write([chunk], write);
  };
  write();
  clock.run(clock.now() + seconds * SECOND);
  const { timeouts, retransmittedSegments } = pair.tcpA.counters;
  return { megabitsPerSecond: (server.bytes * 8) / seconds / 1e6, timeouts, retransmitted: retransmittedSegments };
}

/** The table, as text. */
export function main(): void {
  const losses = [0, 0.0001, 0.001, 0.01, 0.05];
  console.log(`Mb/s of 1 Gb/s, by loss`.padEnd(52) + losses.map((loss) => `${loss * 100} %`.padStart(9)).join(''));
  for (const congestionControl of ['new-reno', 'cubic', 'dctcp'] as const)
    for (const bufferBytes of [100_000, 1_000_000])
      for (const roundTrip of [0.1, 2, 20]) {
        const cells = losses.map((loss) => {
          const plan = { congestionControl, roundTripNanos: roundTrip * MILLISECOND, loss, bufferBytes, rateBitsPerSecond: 1e9 };
          return throughput({ ...plan, seconds: roundTrip < 1 ? 0.5 : 2 })
            .megabitsPerSecond.toFixed(0)
            .padStart(9);
        });
        console.log(`${congestionControl}, buffer ${bufferBytes / 1000} kB, round trip ${roundTrip} ms`.padEnd(52) + cells.join(''));
      }
}
