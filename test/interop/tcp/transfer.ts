/** One connection between our TCP and Linux's, over a link of ours with faults: both sides send a keystream at once, and say what they got. */
import { createCipheriv, createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { ByteStreamReceiver } from '../../../src/base/byte-stream.ts';
import { concat } from '../../../src/base/bytes.ts';
import { seededRng } from '../../../src/base/rng.ts';
import { InetHost } from '../../../src/inet/host.ts';
import { Icmp } from '../../../src/inet/icmp.ts';
import type { TcpCounters } from '../../../src/inet/tcp/counters.ts';
import { TcpStack } from '../../../src/inet/tcp/stack.ts';
import type { TcpStream } from '../../../src/inet/tcp/stream.ts';
import { pacedClock } from '../../../src/os/paced-clock.ts';
import { Capture, type CaptureWriter } from '../../../src/runtime/capture.ts';
import { type LinkFaults, NO_FAULTS } from '../../../src/runtime/link-faults.ts';
import { defaultLinkSettings, Link, type LinkCounters, type LinkSettings } from '../../../src/runtime/link.ts';
import { address } from '../../../src/wire/ip/address.ts';
import { kernelEnd, kernelPeer } from './kernel-end.ts';

export interface TransferPlan {
  readonly family: 4 | 6;
  /** In each direction. */
  readonly bytes: number;
  /** Who opens the connection. */
  readonly dials: 'ours' | 'linux';
  readonly link?: Partial<LinkSettings>;
  readonly faults?: Partial<LinkFaults>;
  readonly seed: number;
  /** Where to put a capture of the link. */
  readonly capture?: string;
}

export interface TransferResult {
  /** What Linux got is what ours sent, and the other way round. */
  readonly toLinuxIntact: boolean;
  readonly fromLinuxIntact: boolean;
  /** How our stream ended; undefined: in order. */
  readonly reason: string | undefined;
  readonly seconds: number;
  readonly counters: Readonly<TcpCounters>;
  /** Of what ours sent, and of what Linux sent. */
  readonly links: readonly [Readonly<LinkCounters>, Readonly<LinkCounters>];
}

export const OUR_MAC = '02:00:00:00:00:01';
export const PORT = 7000;
const QUEUED_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 65_536;
const SEEDS = { ours: 1, linux: 2 } as const;

/** The same as in kernel-peer.mjs. */
function* keystream(bytes: number, seed: number): Generator<Uint8Array> {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(PIECE_BYTES);
  for (let left = bytes; left > 0; left -= PIECE_BYTES) yield cipher.update(zeros.subarray(0, Math.min(left, PIECE_BYTES)));
}

function digestOf(bytes: number, seed: number): string {
  const hash = createHash('sha256');
  for (const piece of keystream(bytes, seed)) hash.update(piece);
  return hash.digest('hex');
}

/** Our end: writes as fast as it is taken, and adds up what comes. */
class OurEnd implements ByteStreamReceiver {
  readonly #pieces: Generator<Uint8Array>;
  readonly #place = new Uint8Array(PIECE_BYTES);
  readonly #hash: Hash = createHash('sha256');
  #stream: TcpStream | undefined;
  #ended = false;
  readonly over: Promise<{ readonly sha256: string; readonly reason: string | undefined }>;
  #close!: (how: { readonly sha256: string; readonly reason: string | undefined }) => void;

  constructor(bytes: number) {
    this.#pieces = keystream(bytes, SEEDS.ours);
    this.over = new Promise((resolve) => (this.#close = resolve));
  }

  start(stream: TcpStream): this {
    this.#stream = stream;
    this.#write();
    return this;
  }

  readonly #write = (): void => {
    const stream = this.#stream!;
    while (!this.#ended && stream.queuedBytes < QUEUED_BYTES) {
      const { value } = this.#pieces.next() as { value: Uint8Array | undefined };
      if (value !== undefined) stream.write([value], this.#write);
      else {
        this.#ended = true;
        stream.end();
      }
    }
  };

  nextBuffer(): Uint8Array {
    return this.#place;
  }

  handleBytes(count: number): void {
    this.#hash.update(this.#place.subarray(0, count));
  }

  handleClose(reason: string | undefined): void {
    this.#ended = true;
    this.#close({ sha256: this.#hash.digest('hex'), reason });
  }
}

const CAPTURE_CHUNK_BYTES = 1024 * 1024;

/** Blocks in order, to a file, many at once. */
export function captureFile(path: string): { readonly write: CaptureWriter; close(): void } {
  const file = openSync(path, 'w');
  let blocks: Uint8Array[] = [];
  let bytes = 0;
  const flush = (): void => {
    writeSync(file, concat(blocks));
    blocks = [];
    bytes = 0;
  };
  return {
    write: (block) => {
      blocks.push(block);
      bytes += block.length;
      if (bytes >= CAPTURE_CHUNK_BYTES) flush();
      return true;
    },
    close: () => {
      flush();
      closeSync(file);
    },
  };
}

/** A gigabit a second, 2 ms there and back. */
const LINK: LinkSettings = { ...defaultLinkSettings, rateBitsPerSecond: 1e9, delayNanos: 1_000_000, queueBytes: 8 * 1024 * 1024 };

export async function transfer(plan: TransferPlan): Promise<TransferResult> {
  const { family, bytes, dials, seed } = plan;
  const clock = pacedClock();
  const host = new InetHost('ours', { clock, rng: seededRng(seed), events: () => {} });
  const nic = host.addInterface({ name: 'nic0', mac: 0x0200_0000_0001, mtuBytes: 1500, vlan: undefined });
  host.addAddress(nic, address('192.0.2.1'), 24);
  host.addAddress(nic, address('2001:db8::1'), 64);
  void new Icmp(host); // It answers for IPv6 addresses.
  const stack = new TcpStack(host);
  const kernel = kernelEnd(2);
  const link = new Link(nic, kernel.port, { ...LINK, ...plan.link }, { clock, rng: seededRng(seed) });
  const file = plan.capture === undefined ? undefined : captureFile(plan.capture);
  if (file !== undefined) link.setTap(new Capture(file.write, clock, BigInt(Date.now()) * 1_000_000n).tap(['ours', 'linux']));
  if (plan.faults !== undefined) link.setFaults({ ...NO_FAULTS, ...plan.faults });
  link.setUp(true);
  const end = new OurEnd(bytes);
  const settings = { halfOpen: true } as const;
  const [ours, theirs] = family === 4 ? ['192.0.2.1', '192.0.2.2'] : ['2001:db8::1', '2001:db8::2'];
  const work = [bytes, SEEDS.linux] as const;
  const where = dials === 'ours' ? (['listen', PORT] as const) : (['dial', ours, PORT] as const);
  if (dials === 'linux') stack.listen({ port: PORT, settings, onConnection: (stream) => end.start(stream) });
  const begun = performance.now();
  const peer = kernelPeer(kernel.namespace, 'exchange', ...where, ...work);
  try {
    if (dials === 'ours') {
      await peer.next();
      stack.connect(address(theirs!), PORT, { receiver: end, settings, opened: (stream) => void end.start(stream) });
    }
    const there = await peer.next();
    const here = await end.over;
    await peer.ended;
    return {
      toLinuxIntact: there['bytes'] === bytes && there['sha256'] === digestOf(bytes, SEEDS.ours),
      fromLinuxIntact: here.sha256 === digestOf(bytes, SEEDS.linux),
      reason: here.reason,
      seconds: (performance.now() - begun) / 1000,
      counters: stack.counters,
      links: [{ ...link.counters(0) }, { ...link.counters(1) }],
    };
  } finally {
    peer.kill();
    stack.shutDown();
    link.unplug();
    kernel.close();
    file?.close();
  }
}
