/**
 * Links over which our CUBIC is held beside Linux's. Linux was measured once, in real time, through the same Link with the same settings
 * (test/interop/tcp/record-main.ts), and what it did stands in tcp-beside-linux.json; ours goes over them in virtual time.
 */
import { readFileSync } from 'node:fs';
import { MILLISECOND, SECOND } from '../../src/base/clock.ts';
import { join, tcpPair } from '../../src/inet/tcp/testing/tcp-pair.ts';
import type { LinkFaults } from '../../src/runtime/link-faults.ts';
import { NO_FAULTS } from '../../src/runtime/link-faults.ts';
import { defaultLinkSettings, type LinkSettings } from '../../src/runtime/link.ts';

export interface LinkCase {
  readonly roundTripMillis: number;
  readonly bufferBytes: number;
  readonly loss: number;
}

/** What one machine here can do in real time, both kernels and the link together, several times at once. */
export const RATE_BITS_PER_SECOND = 50e6;
/** What is sent so long after the connection was made is not counted: how slow start ends is a matter of luck. Then it is, for so long. */
export const WARM_UP_SECONDS = 10;
export const SECONDS = 10;

/** Where loss keeps the window small the buffer does not matter; where nothing is lost a window fills the link, and there is nothing to compare. */
export const LINK_CASES: readonly LinkCase[] = [0.002, 0.01, 0.03].flatMap((loss) =>
  [20, 60].map((roundTripMillis) => ({ roundTripMillis, bufferBytes: 256_000, loss })),
);

export const caseName = ({ roundTripMillis, bufferBytes, loss }: LinkCase): string =>
  `${roundTripMillis} ms, ${bufferBytes / 1000} kB, ${loss * 100} %`;

export const linkSettings = ({ roundTripMillis, bufferBytes }: LinkCase): LinkSettings => ({
  ...defaultLinkSettings,
  rateBitsPerSecond: RATE_BITS_PER_SECOND,
  delayNanos: (roundTripMillis * MILLISECOND) / 2,
  queueBytes: bufferBytes,
});

/** Data is lost, and so are acknowledgments. */
export const linkFaults = ({ loss }: LinkCase): LinkFaults => ({ ...NO_FAULTS, loss });

/** Who sends to whom: Linux or ours. */
export type Pairing = 'linux to linux' | 'ours to linux' | 'linux to ours';

/** One run. */
export interface Run {
  /** Of payload. */
  readonly megabitsPerSecond: number;
  /** What the sender took for it, on average: the link's, its queue, and the time that a busy machine takes. */
  readonly roundTripMillis: number;
}

export interface Measured extends LinkCase {
  readonly runs: Readonly<Record<Pairing, readonly Run[]>>;
}

export interface LinuxRecord {
  readonly command: string;
  readonly kernel: string;
  readonly machine: string;
  readonly date: string;
  readonly cases: readonly Measured[];
}

export const RECORD_PATH = 'test/scenario/tcp-beside-linux.json';

export const readRecord = (): LinuxRecord => JSON.parse(readFileSync(RECORD_PATH, 'utf8')) as LinuxRecord;

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const QUEUED_BYTES = 8_000_000;

/** Ours to ours in virtual time: Mb/s of payload. */
export function oursToOurs(linkCase: LinkCase, seed: number): number {
  const pair = tcpPair({ seed, link: linkSettings(linkCase) });
  const { clock, link } = pair;
  link.setTap(undefined);
  link.setFaults(linkFaults(linkCase));
  const { client, server } = join(pair, { congestionControl: 'cubic' }, false);
  const chunk = new Uint8Array(65_536);
  const write = (): void => {
    while (client.stream!.queuedBytes < QUEUED_BYTES) client.stream!.write([chunk], write);
  };
  write();
  while (server.stream === undefined) clock.step();
  clock.run(clock.now() + WARM_UP_SECONDS * SECOND);
  const before = server.bytes;
  clock.run(clock.now() + SECONDS * SECOND);
  return ((server.bytes - before) * 8) / SECONDS / 1e6;
}
