/**
 * Two TCPs in virtual time over a link that loses, holds up, doubles, damages and is cut, by a seed: what arrives is what was sent, and every
 * connection ends.
 *
 *     npm run storm:tcp -- --seed 7
 */
import { MILLISECOND, SECOND } from '../../src/base/clock.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import { NO_FAULTS } from '../../src/runtime/link-faults.ts';
import { ADDRESS_B, ADDRESS_B6, Collector, pattern, type TcpPair, tcpPair } from '../../src/inet/tcp/testing/tcp-pair.ts';
import type { ConnectionSettings } from '../../src/inet/tcp/settings.ts';
import type { TcpStream } from '../../src/inet/tcp/stream.ts';

export interface TcpStormReport {
  readonly seed: number;
  /** What must not be; empty if all is well. */
  readonly violations: readonly string[];
  readonly bytes: number;
  readonly retransmitted: number;
  readonly ended: number;
  readonly broken: number;
  /** Arrivals with damage that the checksum does not show. */
  readonly undetected: number;
  readonly virtualSeconds: number;
}

export const tcpStormCommand = (seed: number): string => `npm run storm:tcp -- --seed ${seed}`;

const HUNG_NANOS = 3600 * SECOND;

/** One end of a connection: what it writes, what it has read, and how it ended. */
class End {
  readonly receiver: Collector;
  readonly #rng: Rng;
  readonly #seed: number;
  /** What this end writes. */
  readonly #data: Uint8Array;
  #expected: Uint8Array = new Uint8Array(0);
  #written = 0;
  #read = 0;
  #sentCalls = 0;
  #writes = 0;
  readonly #pair: TcpPair;
  readonly #wrong: (what: string) => void;

  constructor(pair: TcpPair, rng: Rng, bytes: number, seed: number, wrong: (what: string) => void) {
    this.#pair = pair;
    this.#rng = rng;
    this.#seed = seed;
    this.#wrong = wrong;
    this.#data = pattern(bytes, seed);
    this.receiver = new Collector(false, 1 + below(rng, 20_000));
    this.receiver.onBytes = (arrived) => this.#check(arrived);
  }

  /** What the other end writes. */
  expect(other: End): void {
    this.#expected = other.#data;
  }

  get stream(): TcpStream | undefined {
    return this.receiver.stream;
  }

  #check(arrived: Uint8Array): void {
    for (let index = 0; index < arrived.length; index += 1) {
      if (arrived[index] !== this.#expected[this.#read + index]) {
        this.#wrong(`end ${this.#seed}: byte ${this.#read + index} is wrong`);
        break;
      }
    }
    this.#read += arrived.length;
    if (!chance(this.#rng, 0.01)) return;
    this.stream?.pause();
    this.#pair.clock.after(below(this.#rng, 300) * MILLISECOND, () => this.stream?.resume());
  }

  /** Writes in pieces, with pauses, and ends when everything is written. */
  start(): void {
    const { stream } = this;
    if (stream === undefined || this.receiver.closed !== undefined) return;
    while (this.#written < this.#data.length && stream.queuedBytes < 300_000) {
      const views: Uint8Array[] = [];
      for (let pieces = 1 + below(this.#rng, 4); pieces > 0; pieces -= 1) {
        const piece = this.#data.subarray(this.#written, this.#written + 1 + below(this.#rng, chance(this.#rng, 0.3) ? 60_000 : 2000));
        this.#written += piece.length;
        views.push(piece);
      }
      this.#writes += 1;
      stream.write(views, () => (this.#sentCalls += 1));
      if (chance(this.#rng, 0.1)) break;
    }
    if (this.#written >= this.#data.length) return stream.end();
    this.#pair.clock.after(below(this.#rng, 50) * MILLISECOND, () => this.start());
  }

  get isOver(): boolean {
    return this.receiver.closed !== undefined;
  }

  /** What is wrong with how it ended. */
  verdict(isQuiet: boolean): string | undefined {
    if (!this.isOver) return `end ${this.#seed} never closed: ${JSON.stringify(this.stream?.info())}`;
    if (this.#sentCalls !== this.#writes) return `end ${this.#seed}: ${this.#writes} writes, ${this.#sentCalls} times sent`;
    const { reason } = this.receiver.closed!;
    if (reason === undefined && this.#read !== this.#expected.length)
      return `end ${this.#seed} closed in order after ${this.#read} of ${this.#expected.length} bytes`;
    if (reason !== undefined && isQuiet) return `end ${this.#seed} broke without reason: ${reason}`;
    return undefined;
  }
}

/** `trace` is given what went over the link until then, now and then. */
export function tcpStorm(seed: number, trace?: (lines: readonly string[]) => void): TcpStormReport {
  const rng = seededRng(seed * 2 + 1);
  const violations: string[] = [];
  const told = (what: string): void => void (violations.length < 20 && violations.push(what));
  const rates = [1e6, 10e6, 100e6, 1e9, 10e9];
  const isSlow = chance(rng, 0.3);
  const pair = tcpPair({
    seed,
    mtuBytes: [1500, 1500, 9000, 1280, 600][below(rng, 5)]!,
    link: {
      rateBitsPerSecond: rates[isSlow ? below(rng, 2) : 2 + below(rng, 3)]!,
      delayNanos: [500, 10_000, MILLISECOND, 20 * MILLISECOND][below(rng, 4)]!,
      queueBytes: [20_000, 100_000, 1_000_000][below(rng, 3)]!,
    },
    tcp: { receiveBytesMax: [3000, 20_000, 65_535, 300_000, 4_194_304][below(rng, 5)]! },
  });
  const cuts = Math.max(0, below(rng, 4) - 1);
  const settings: Partial<ConnectionSettings> = {
    // A peer that gave up while the link was cut can't say so: without this a half-open connection would stand for ever (RFC 9293 §3.8.4).
    keepAlive: cuts > 0 || chance(rng, 0.3) ? { idleNanos: 60 * SECOND, intervalNanos: 10 * SECOND, probes: 6 } : undefined,
    halfOpen: true,
    congestionControl: (['cubic', 'new-reno', 'dctcp'] as const)[below(rng, 3)]!,
    noDelay: chance(rng, 0.5),
    sack: chance(rng, 0.8),
    timestamps: chance(rng, 0.8),
    windowScaling: chance(rng, 0.9),
    ecn: chance(rng, 0.5),
  };
  const faults = {
    loss: chance(rng, 0.8) ? below(rng, 100) / 1000 : 0,
    corruption: chance(rng, 0.2) ? below(rng, 20) / 1000 : 0,
    duplication: chance(rng, 0.4) ? below(rng, 50) / 1000 : 0,
    reordering: chance(rng, 0.5) ? below(rng, 100) / 1000 : 0,
    reorderingNanos: below(rng, 5) * MILLISECOND + below(rng, 1000) * 1000,
  };
  const most = isSlow ? 60_000 : 400_000;
  // Two bits turned over in the same column of different words are nothing to a sum of 16 bits (RFC 1071): that is what digests are for.
  let undetected = 0;
  const wrong = (what: string): void => {
    if (faults.corruption === 0) told(what);
    else undetected += 1;
  };
  const ends: End[] = [];
  const servers = new Map<string, End>();
  pair.tcpB.listen({
    port: 80,
    backlog: below(rng, 4),
    settings,
    onConnection(stream) {
      const end = servers.get(stream.remote);
      if (end === undefined) return undefined;
      end.receiver.stream = stream;
      pair.clock.after(0, () => end.start());
      return end.receiver;
    },
  });
  pair.link.setFaults(faults);
  const begin = (index: number): void => {
    const client = new End(pair, rng, below(rng, most), 2 * index, wrong);
    const server = new End(pair, rng, below(rng, most), 2 * index + 1, wrong);
    client.expect(server);
    server.expect(client);
    const stream = pair.tcpA.connect(chance(rng, 0.3) ? ADDRESS_B6 : ADDRESS_B, 80, {
      receiver: client.receiver,
      settings,
      opened: () => pair.clock.after(0, () => client.start()),
    });
    if (stream === undefined) return told('no connection could be made');
    client.receiver.stream = stream;
    servers.set(stream.local, server);
    ends.push(client, server);
  };
  const connections = 1 + below(rng, 3);
  for (let index = 0; index < connections; index += 1) pair.clock.after(below(rng, 20) * MILLISECOND, () => begin(index));
  for (let cut = cuts; cut > 0; cut -= 1) {
    pair.clock.after(below(rng, 4000) * MILLISECOND, () => {
      pair.link.setUp(false);
      // Sometimes longer than any connection waits.
      pair.clock.after(chance(rng, 0.1) ? 300 * SECOND : below(rng, 3000) * MILLISECOND, () => pair.link.setUp(true));
    });
  }
  const begun = pair.clock.now();
  while (pair.clock.now() - begun < HUNG_NANOS && pair.clock.step()) {
    const lines = pair.take();
    if (lines.length !== 0) trace?.(lines.map((line) => `${(pair.clock.now() / SECOND).toFixed(6)} ${line}`));
  }
  // A server that never heard of its connection has nothing to say.
  let broken = 0;
  for (const end of ends) {
    if (end.stream === undefined) continue;
    if (end.receiver.closed?.reason !== undefined) broken += 1;
    // What is damaged beyond what a sum of 16 bits shows can reset a connection, or worse; and so can a cut.
    const verdict = end.verdict(cuts === 0 && faults.corruption === 0);
    if (verdict !== undefined) told(verdict);
  }
  for (const stack of [pair.tcpA, pair.tcpB]) {
    if (stack.connections.length !== 0) told(`${stack.connections.length} connections are left`);
    if (stack.timeWaits !== 0) told(`${stack.timeWaits} wait for ever`);
    if (stack.budget.usedBytes !== 0) told(`${stack.budget.usedBytes} bytes of receive memory are left`);
  }
  pair.link.setFaults(NO_FAULTS);
  return {
    seed,
    violations,
    bytes: ends.reduce((sum, end) => sum + end.receiver.bytes, 0),
    retransmitted: pair.tcpA.counters.retransmittedSegments + pair.tcpB.counters.retransmittedSegments,
    ended: ends.length,
    broken,
    undetected,
    virtualSeconds: pair.clock.now() / SECOND,
  };
}
