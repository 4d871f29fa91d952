/**
 * How fast our TCP goes over a link of 100 Mb/s in virtual time, for each congestion control, by the link's buffer, loss and delay. The same every
 * time, so that docs/performance.md can be held to it.
 *
 *     npm run throughput:tcp [-- --write]
 */
import { writeSection } from '../../bench/page-section.ts';
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
  /** The link marks what finds so much waiting in front of it; undefined: it marks nothing. */
  readonly markBytes?: number;
}

export interface Throughput {
  readonly megabitsPerSecond: number;
  readonly timeouts: number;
  readonly retransmitted: number;
}

const QUEUED_BYTES = 2_000_000;

export function throughput(plan: ThroughputPlan): Throughput {
  const { roundTripNanos, loss, bufferBytes, rateBitsPerSecond, congestionControl, seconds, markBytes } = plan;
  const pair = tcpPair({ seed: 4, link: { delayNanos: roundTripNanos / 2, queueBytes: bufferBytes, rateBitsPerSecond } });
  const { clock, link } = pair;
  link.setTap(undefined);
  if (markBytes !== undefined) link.setEcn({ minBytes: markBytes, maxBytes: markBytes, maxProbability: 1 });
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

const RATE_BITS_PER_SECOND = 100e6;
const SECONDS = 4;
const LOSSES = [0, 0.001, 0.01, 0.05];
const BUFFERS = [20_000, 200_000];
const ROUND_TRIPS_MILLIS = [0.5, 5, 50];
/** RFC 8257 §4.1 leaves it to who runs the switch: twenty full frames, as its authors had at 1 Gb/s. */
const MARK_BYTES = 30_000;

/** In words of the table, and how the link is set for it. */
const CONTROLS: readonly (readonly [name: string, plan: Pick<ThroughputPlan, 'congestionControl' | 'markBytes'>])[] = [
  ['NewReno', { congestionControl: 'new-reno' }],
  ['CUBIC', { congestionControl: 'cubic' }],
  ['DCTCP, marks', { congestionControl: 'dctcp', markBytes: MARK_BYTES }],
];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The section of docs/performance.md. */
export function throughputPage(): string {
  const lines = CONTROLS.flatMap(([name, control]) =>
    BUFFERS.flatMap((bufferBytes) =>
      // A queue that is full before it marks is one that does not mark.
      ROUND_TRIPS_MILLIS.filter(() => (control.markBytes ?? 0) < bufferBytes).map((millis) => {
        const link = { roundTripNanos: millis * MILLISECOND, bufferBytes, rateBitsPerSecond: RATE_BITS_PER_SECOND };
        const rates = LOSSES.map((loss) => throughput({ ...control, ...link, loss, seconds: SECONDS }).megabitsPerSecond);
        return row([name, `${bufferBytes / 1000} kB`, `${millis} ms`, ...rates.map((rate) => rate.toFixed(1))]);
      }),
    ),
  );
  return `
## How fast TCP goes over bad links

One connection of ours over a link of ${RATE_BITS_PER_SECOND / 1e6} Mb/s in virtual time: Mb/s of payload in its first ${SECONDS} seconds, by congestion control, the link's buffer, round
trip and loss (of data and of acknowledgments). The most there is to have is 94.1. With DCTCP the link marks what finds ${MARK_BYTES / 1000} kB waiting in front of it. The same
every time: \`npm run throughput:tcp -- --write\` writes this section, and a test holds it.

${row(['control', 'buffer', 'round trip', ...LOSSES.map((loss) => `${loss * 100} %`)])}
${row(['---', '--:', '--:', ...LOSSES.map(() => '--:')])}
${lines.join('\n')}
`;
}

export const PAGE = 'docs/performance.md';
export const SECTION = 'tcp-throughput';

export function main(args: readonly string[]): void {
  const page = throughputPage();
  console.log(page);
  if (args.includes('--write')) writeSection(PAGE, SECTION, page);
}
