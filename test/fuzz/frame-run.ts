/** A run of mutated frames against the fabric, by a seed, with two connections through it whose bytes are looked at all the time. */
import { be16, be48, DecodeError, hex, putBe32 } from '../../src/base/bytes.ts';
import type { ByteStreamReceiver } from '../../src/base/byte-stream.ts';
import { MILLISECOND, SECOND } from '../../src/base/clock.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import type { TcpStream } from '../../src/inet/tcp/stream.ts';
import { frameReader } from '../../src/os/ports/stream-framing.ts';
import { address, type IpAddress, sameAddress } from '../../src/wire/ip/address.ts';
import { TYPE_IPV4, TYPE_IPV6, isTagType } from '../../src/wire/ethernet/frame.ts';
import { IPV4_HEADER_BYTES, ipv4HeaderBytes, ipv4Protocol, PROTOCOL_TCP } from '../../src/wire/ip/ipv4.ts';
import { IPV6_HEADER_BYTES, walkIpv6 } from '../../src/wire/ip/ipv6.ts';
import { decodeVxlan, encodeVxlan } from '../../src/wire/ip/vxlan.ts';
import { FrameFabric, type FuzzedHost } from './frame-fabric.ts';
import { mutatedFrame } from './frame-mutator.ts';
import { FrameSource } from './frame-source.ts';

const BATCH = 64;
const VICTIM_PORT = 80;
const VICTIMS_MAX = 6;
const STRANGER = 3;
const QEMU = 4;
const VXLAN = 5;
const NETWORK = 42;
const VICTIM_SETTINGS = {
  keepAlive: { idleNanos: 20 * SECOND, intervalNanos: 5 * SECOND, probes: 3 },
  userTimeoutNanos: 30 * SECOND,
  receiveBytesMax: 64 * 1024,
};

/** The byte at a place of a stream that tells its place. */
const byteAt = (place: number, salt: number): number => (Math.imul(place + salt, 0x9e37_79b1) >>> 24) ^ (place & 0xff);

/** One direction of a connection whose bytes are known beforehand. */
class KnownEnd implements ByteStreamReceiver {
  stream: TcpStream | undefined;
  sent = 0;
  received = 0;
  problem: string | undefined;
  readonly name: string;
  readonly #salt: number;
  readonly #peerSalt: number;
  readonly #place = new Uint8Array(4096);

  constructor(name: string, salt: number, peerSalt: number) {
    this.name = name;
    this.#salt = salt;
    this.#peerSalt = peerSalt;
  }

  nextBuffer(): Uint8Array {
    return this.#place;
  }

  handleBytes(count: number): void {
    for (let at = 0; at < count; at += 1)
      if (this.#place[at] !== byteAt(this.received + at, this.#peerSalt))
        this.problem ??= `${this.name}: byte ${this.received + at} is not what was sent`;
    this.received += count;
  }

  handleClose(reason: string | undefined): void {
    this.problem ??= `${this.name} closed: ${reason}`;
  }

  send(bytes: number): void {
    if (this.stream === undefined || this.stream.queuedBytes > 64 * 1024) return;
    const from = this.sent;
    this.stream.write([Uint8Array.from({ length: bytes }, (_, index) => byteAt(from + index, this.#salt))], undefined);
    this.sent += bytes;
  }
}

/** A connection that may legally be spoiled. */
class Victim implements ByteStreamReceiver {
  stream: TcpStream | undefined;
  closed = false;
  readonly #place = new Uint8Array(2048);
  nextBuffer(): Uint8Array {
    return this.#place;
  }
  handleBytes(count: number): void {
    // An echo, now and then: what comes back is heard by nobody but a connection of the same kind.
    if (this.stream !== undefined && count > 100 && this.stream.queuedBytes < 8192)
      this.stream.write([this.#place.slice(0, 50)], undefined);
  }
  handleClose(): void {
    this.closed = true;
  }
}

/** Addresses and ports of a connection that frames of ours must not speak for. */
interface Flow {
  readonly addresses: readonly [IpAddress, IpAddress];
  readonly ports: readonly [number, number];
}

export interface FrameRunReport {
  readonly frames: number;
  /** Mutants that would have spoken for a connection that is looked at, with its addresses and ports: not sent. */
  readonly keptApart: number;
  readonly problems: readonly string[];
  /** Bytes that went through the connections that are looked at. */
  readonly knownBytes: number;
  readonly victims: number;
  readonly kinds: number;
  readonly badLengths: number;
  readonly events: readonly string[];
  readonly depth: Readonly<Record<string, number>>;
  readonly pendingTimers: number;
  readonly growthBytes: number;
  readonly virtualSeconds: number;
}

export interface FrameRunPlan {
  readonly seed: number;
  readonly frames: number;
  /** What the heap holds, garbage collected. */
  readonly heapBytes: () => number;
}

export class FrameRun {
  readonly #plan: FrameRunPlan;
  readonly #rng: Rng;
  readonly #fabric: FrameFabric;
  readonly #source = new FrameSource();
  readonly #ends: KnownEnd[] = [];
  readonly #flows: Flow[] = [];
  readonly #victims = new Set<Victim>();
  readonly #problems: string[] = [];
  #reader = this.#newReader();
  #badLengths = 0;
  #keptApart = 0;
  #victimsMade = 0;

  constructor(plan: FrameRunPlan) {
    this.#plan = plan;
    this.#rng = seededRng(plan.seed);
    this.#fabric = new FrameFabric(plan.seed);
  }

  run(): FrameRunReport {
    const { frames, heapBytes } = this.#plan;
    const fabric = this.#fabric;
    this.#wait(60 * SECOND);
    this.#connect(fabric.a, fabric.b, address('192.0.2.2'), 7777);
    this.#connect(fabric.b, fabric.a, address('2001:db8::1'), 7778);
    fabric.b.tcp.listen({
      port: VICTIM_PORT,
      backlog: 32,
      settings: VICTIM_SETTINGS,
      onConnection: (stream) => {
        const victim = new Victim();
        victim.stream = stream;
        return victim;
      },
    });
    this.#live();
    let before = 0;
    let sent = 0;
    for (let batch = 0; sent < frames && this.#problems.length === 0; batch += 1) {
      for (let count = 0; count < BATCH; count += 1, sent += 1) this.#attack(sent);
      this.#wait(chance(this.#rng, 0.01) ? (1 + below(this.#rng, 20)) * SECOND : 100_000 + below(this.#rng, MILLISECOND));
      if (batch % 16 === 0) this.#live();
      if (batch % 128 === 0) this.#check(sent);
      if (before === 0 && sent >= frames / 4) before = this.#restAndMeasure(heapBytes);
    }
    const growthBytes = this.#restAndMeasure(heapBytes) - before;
    this.#finish();
    return {
      frames: sent,
      keptApart: this.#keptApart,
      problems: this.#problems,
      knownBytes: this.#ends.reduce((sum, { received }) => sum + received, 0),
      victims: this.#victimsMade,
      kinds: this.#source.kinds,
      badLengths: this.#badLengths,
      events: [...new Set(fabric.events.map(({ name }) => name))],
      depth: fabric.depth(),
      pendingTimers: fabric.clock.pending,
      growthBytes,
      virtualSeconds: Math.round(fabric.clock.now() / SECOND),
    };
  }

  #wait(nanos: number): void {
    this.#fabric.clock.run(this.#fabric.clock.now() + nanos);
  }

  #connect(from: FuzzedHost, to: FuzzedHost, destination: IpAddress, port: number): void {
    const [client, server] = [new KnownEnd(`${from.name}:${port}`, 1, 2), new KnownEnd(`${to.name}:${port}`, 2, 1)];
    // Somebody who claims a host's address again and again keeps packets from it for as long as he does.
    const settings = { userTimeoutNanos: 36_000 * SECOND };
    to.tcp.listen({
      port,
      settings,
      onConnection: (stream) => {
        if (server.stream !== undefined) return undefined;
        server.stream = stream;
        return server;
      },
    });
    const fromPort = 50_000 + port;
    client.stream = from.tcp.connect(destination, port, { receiver: client, settings, fromPort });
    this.#ends.push(client, server);
    const own = from.host.path(destination)!.source;
    this.#flows.push({ addresses: [own, destination], ports: [fromPort, port] });
    this.#wait(SECOND);
  }

  /** What goes on in the fabric by itself, recorded as frames to spoil. */
  #live(): void {
    const { a, b, c, dhcpClient } = this.#fabric;
    const rng = this.#rng;
    this.#wait(MILLISECOND);
    this.#fabric.onSent = (frame) => this.#source.handleSent(frame);
    for (const end of this.#ends) end.send(1 + below(rng, 3000));
    for (const victim of this.#victims) {
      const { stream } = victim;
      if (victim.closed || stream === undefined) this.#victims.delete(victim);
      else if (below(rng, 10) === 0) stream.end();
      else if (stream.queuedBytes < 32 * 1024) stream.write([rng.fill(new Uint8Array(1 + below(rng, 5000)))], undefined);
    }
    if (this.#victims.size < VICTIMS_MAX) {
      const victim = new Victim();
      const to = chance(rng, 0.5) ? address('192.0.2.2') : address('2001:db8::2');
      victim.stream = a.tcp.connect(to, VICTIM_PORT, { receiver: victim, settings: VICTIM_SETTINGS });
      if (victim.stream !== undefined) {
        this.#victims.add(victim);
        this.#victimsMade += 1;
      }
    }
    const dataBytes = below(rng, 4000);
    for (const to of ['192.0.2.1', '2001:db8::1', '192.0.2.77'])
      (chance(rng, 0.5) ? b : c).pinger.ping(address(to), { dataBytes }, () => {});
    if (below(rng, 8) === 0) dhcpClient.start();
    const group = address('239.9.9.9');
    c.nic.groups.join(group);
    this.#wait(2 * MILLISECOND);
    c.nic.groups.leave(group);
    this.#wait(MILLISECOND);
    this.#fabric.onSent = undefined;
  }

  #newReader(): ByteStreamReceiver {
    return frameReader({
      handleFrame: (frame) => this.#fabric.bridge.ports[QEMU]!.handleFrame(frame),
      handleBadLength: () => {
        this.#badLengths += 1;
        this.#reader = this.#newReader();
      },
      handleClose() {},
    });
  }

  #attack(index: number): void {
    const rng = this.#rng;
    const fabric = this.#fabric;
    const frame = mutatedFrame(rng, this.#source.next(rng), this.#source.next(rng), fabric.macs);
    if (this.#flows.some((flow) => speaksFor(frame, flow))) {
      this.#keptApart += 1;
      return;
    }
    try {
      switch (below(rng, 10)) {
        case 0:
          return this.#throughQemu(frame);
        case 1:
          return this.#throughVxlan(frame);
        case 2:
        case 3:
        case 4:
        case 5:
        case 6:
          return this.#hostFor(frame).nic.handleFrame(frame);
        default:
          return fabric.bridge.ports[STRANGER]!.handleFrame(frame);
      }
    } catch (error) {
      this.#problems.push(`frame ${index} (${hex(frame)}): ${(error as Error).stack}`);
    }
  }

  /** The one whose address it goes to, or any. */
  #hostFor(frame: Uint8Array): FuzzedHost {
    const { a, b, c } = this.#fabric;
    const hosts = [a, b, c];
    const to = frame.length < 6 ? 0 : be48(frame, 0);
    return hosts.find(({ mac }) => mac === to) ?? hosts[below(this.#rng, 3)]!;
  }

  /** In pieces of any size, now and then with a length that lies. */
  #throughQemu(frame: Uint8Array): void {
    const rng = this.#rng;
    const bytes = new Uint8Array(4 + frame.length);
    putBe32(bytes, 0, chance(rng, 0.02) ? rng.uint32() >>> below(rng, 32) : frame.length);
    bytes.set(frame, 4);
    for (let at = 0; at < bytes.length; ) {
      const reader = this.#reader;
      const place = reader.nextBuffer();
      const count = Math.min(bytes.length - at, place.length, chance(rng, 0.3) ? 1 + below(rng, 100) : 65_536);
      place.set(bytes.subarray(at, at + count));
      reader.handleBytes(count);
      // What follows a length that lies is another connection's.
      if (reader !== this.#reader) return;
      at += count;
    }
  }

  #throughVxlan(frame: Uint8Array): void {
    const rng = this.#rng;
    const datagram = new Uint8Array(8 + frame.length);
    encodeVxlan(NETWORK, datagram, 0);
    datagram.set(frame, 8);
    if (chance(rng, 0.1)) datagram[below(rng, 8)]! ^= 1 << below(rng, 8);
    try {
      const { network, frameAt } = decodeVxlan(datagram, 0, chance(rng, 0.02) ? below(rng, datagram.length) : datagram.length);
      if (network === NETWORK) this.#fabric.bridge.ports[VXLAN]!.handleFrame(datagram.subarray(frameAt));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }

  #check(sent: number): void {
    const wrong = [...this.#fabric.overgrown(), ...this.#ends.flatMap(({ problem }) => problem ?? [])];
    for (const one of wrong) this.#problems.push(`after ${sent} frames: ${one}`);
  }

  /** Time for everything that ends by itself to end. */
  #restAndMeasure(heapBytes: () => number): number {
    for (const victim of this.#victims) victim.stream?.destroy();
    this.#victims.clear();
    this.#wait(600 * SECOND);
    this.#check(-1);
    return heapBytes();
  }

  /** The known connections still carry data, and everybody can be reached. */
  #finish(): void {
    const { a, b, c, clock } = this.#fabric;
    const before = this.#ends.map(({ received }) => received);
    for (const end of this.#ends) end.send(20_000);
    this.#wait(300 * SECOND);
    for (const [index, end] of this.#ends.entries()) {
      const peer = this.#ends[index ^ 1]!;
      if (end.received !== peer.sent || end.received - before[index]! < 20_000)
        this.#problems.push(`${end.name} received ${end.received} of ${peer.sent} bytes`);
    }
    // What somebody else claimed of addresses holds until it was asked about in vain (RFC 4861 §7.3.3): some seconds.
    const wanted = [a, b, c].flatMap((from) =>
      ['192.0.2.1', '192.0.2.2', '2001:db8:1::1', '2001:db8:1::2']
        .map((to) => ({ from, to }))
        .filter(({ to }) => !from.host.owns(address(to))),
    );
    const silent = new Set(wanted);
    for (let round = 0; round < 3; round += 1) {
      for (const pair of silent) pair.from.pinger.ping(address(pair.to), {}, ({ kind }) => kind === 'reply' && silent.delete(pair));
      this.#wait(15 * SECOND);
    }
    for (const { from, to } of silent) this.#problems.push(`${from.name} gets no answer from ${to}`);
    this.#check(-1);
    // Periodic work of the switch and the hosts, and the connections that are left: a few timers each.
    if (clock.pending > 100) this.#problems.push(`${clock.pending} timers wait in the end`);
  }
}

/** The frame is a segment with the addresses and ports of the connection, whoever made it. */
function speaksFor(frame: Uint8Array, { addresses, ports }: Flow): boolean {
  let at = 14;
  while (frame.length > at + 4 && isTagType(be16(frame, at - 2))) at += 4;
  if (frame.length < at + IPV4_HEADER_BYTES + 4) return false;
  const type = be16(frame, at - 2);
  let source: Uint8Array;
  let segmentAt: number;
  if (type === TYPE_IPV4) {
    if (ipv4Protocol(frame, at) !== PROTOCOL_TCP) return false;
    source = frame.subarray(at + 12, at + 20);
    segmentAt = at + ipv4HeaderBytes(frame, at);
  } else if (type === TYPE_IPV6 && frame.length >= at + IPV6_HEADER_BYTES + 4) {
    const upper = walkIpv6(frame, at, frame.length);
    if ('reason' in upper || upper.protocol !== PROTOCOL_TCP) return false;
    source = frame.subarray(at + 8, at + 40);
    segmentAt = upper.payloadAt;
  } else return false;
  if (segmentAt + 4 > frame.length) return false;
  const half = source.length / 2;
  const pair = [source.subarray(0, half), source.subarray(half)] as const;
  const [from, to] = [be16(frame, segmentAt), be16(frame, segmentAt + 2)];
  const along = sameAddress(pair[0], addresses[0]) && sameAddress(pair[1], addresses[1]) && from === ports[0] && to === ports[1];
  const back = sameAddress(pair[0], addresses[1]) && sameAddress(pair[1], addresses[0]) && from === ports[1] && to === ports[0];
  return along || back;
}
