/** Bridges with spanning tree in virtual time: any graph of them, a station at each, and a watch over what forwards and what arrives. */
import { be32, putBe32 } from '../../src/base/bytes.ts';
import { MILLISECOND, type Nanos, SECOND } from '../../src/base/clock.ts';
import type { FabricEvent } from '../../src/base/event.ts';
import type { Port, Wire } from '../../src/base/port.ts';
import { below, type Rng, seededRng } from '../../src/base/rng.ts';
import { Bridge, type BridgePort } from '../../src/link/bridge.ts';
import { addSpanningTree } from '../../src/link/spanning-tree/bridge-spanning-tree.ts';
import {
  defaultSpanningTreePortSettings,
  defaultSpanningTreeSettings,
  type SpanningTreePortSettings,
  type SpanningTreeSettings,
} from '../../src/link/spanning-tree/settings.ts';
import type { SpanningTree } from '../../src/link/spanning-tree/spanning-tree.ts';
import { defaultLinkSettings, Link } from '../../src/runtime/link.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { putEthernet } from '../../src/wire/ethernet/frame.ts';
import { BROADCAST_MAC } from '../../src/wire/ethernet/mac.ts';

export interface BenchLink {
  readonly ends: readonly [number, number];
  readonly rateBitsPerSecond?: number;
}

export interface BenchSettings {
  readonly seed: number;
  readonly bridges: number;
  readonly links: readonly BenchLink[];
  readonly tree?: (bridge: number) => Partial<SpanningTreeSettings>;
  readonly port?: (bridge: number, port: number) => Partial<SpanningTreePortSettings>;
}

/** For local experiments (IEEE 802 §9.2.4). */
const TYPE_MARKED = 0x88b5;

/** Takes the marked frames that come; hellos come here too. */
class Station implements Port {
  readonly name = 'station';
  wire: Wire | undefined = undefined;
  readonly #arrived: (mark: number) => void;

  constructor(arrived: (mark: number) => void) {
    this.#arrived = arrived;
  }

  handleFrame(frame: Uint8Array): void {
    if (frame[12] === TYPE_MARKED >>> 8 && frame[13] === (TYPE_MARKED & 0xff)) this.#arrived(be32(frame, 14));
  }

  handleCarrier(): void {}
}

export interface BenchBridge {
  readonly bridge: Bridge;
  readonly tree: SpanningTree;
  readonly station: Station;
}

export interface BenchEdge {
  readonly bridges: readonly [number, number];
  readonly ports: readonly [BridgePort, BridgePort];
  readonly link: Link;
}

const stationMac = (bridge: number): number => 0x0200_0000_5000 + bridge;

export class SpanningTreeBench {
  readonly clock = new VirtualClock();
  readonly rng: Rng;
  readonly events: FabricEvent[] = [];
  readonly bridges: readonly BenchBridge[];
  readonly edges: readonly BenchEdge[];
  /** The last time that a port between bridges changed what it does. */
  changedAt: Nanos = 0;
  /** How often, and how long in all, what forwards held a loop. */
  loops = 0;
  loopNanos: Nanos = 0;
  /** Most copies of one frame that one station ever got. */
  copiesMost = 0;
  #loopSince: Nanos | undefined;
  #mark = 0;
  #copies: { readonly mark: number; readonly at: number[] } | undefined;

  constructor(settings: BenchSettings) {
    this.rng = seededRng(settings.seed);
    // Port 0 is the station's.
    const portsOf = Array.from({ length: settings.bridges }, () => 1);
    const places = settings.links.map(({ ends }) => ends.map((bridge) => ({ bridge, port: portsOf[bridge]!++ })));
    this.bridges = portsOf.map((ports, index) => {
      // No two bridges tick alike.
      this.clock.run(this.clock.now() + below(this.rng, 1000) * MILLISECOND);
      return this.#bridge(index, ports, settings);
    });
    for (const { bridge, station } of this.bridges) this.#link(station, bridge.ports[0]!, 1e9).setUp(true);
    this.edges = places.map((ends, index) => {
      const [a, b] = ends as [(typeof ends)[0], (typeof ends)[0]];
      const ports = [this.bridges[a.bridge]!.bridge.ports[a.port]!, this.bridges[b.bridge]!.bridge.ports[b.port]!] as const;
      const link = this.#link(...ports, settings.links[index]!.rateBitsPerSecond ?? 1e9);
      for (const port of ports) this.#watch(port);
      return { bridges: [a.bridge, b.bridge], ports, link };
    });
  }

  #link(a: Port, b: Port, rateBitsPerSecond: number): Link {
    return new Link(a, b, { ...defaultLinkSettings, rateBitsPerSecond }, { clock: this.clock, rng: this.rng });
  }

  #bridge(index: number, ports: number, settings: BenchSettings): BenchBridge {
    const names = Array.from({ length: ports }, (_, port) => (port === 0 ? 'station' : `${port}`));
    const common = { vlans: { mode: 'access', vlan: 1 }, frameBytesMax: 1514, defaultPriority: 0 } as const;
    const services = { clock: this.clock, events: (event: FabricEvent) => void this.events.push(event) };
    const name = `bridge${index}`;
    const bridgePorts = names.map((port) => ({ name: port, ...common }));
    const bridge = new Bridge({ name, ports: bridgePorts, addressesMax: 1000, ageingNanos: 300 * SECOND }, services);
    const address = 0x0200_0000_0000 + ((index + 1) << 8);
    const treePorts = names.map((portName, port) => ({
      ...defaultSpanningTreePortSettings,
      name: portName,
      mac: address + port + 1,
      edge: port === 0,
      ...settings.port?.(index, port),
    }));
    const treeSettings = { ...defaultSpanningTreeSettings, name, address, ports: treePorts, ...settings.tree?.(index) };
    const tree = addSpanningTree(bridge, treeSettings, services);
    const station = new Station((mark) => {
      if (this.#copies?.mark !== mark) return;
      const copies = (this.#copies.at[index]! += 1);
      this.copiesMost = Math.max(this.copiesMost, copies);
    });
    return { bridge, tree, station };
  }

  #watch(port: BridgePort): void {
    const setRole = port.setRole.bind(port);
    port.setRole = (role) => {
      setRole(role);
      this.changedAt = this.clock.now();
      this.#watchLoops();
    };
  }

  /** What forwards right now: the links with both ends forwarding, as groups of bridges; true: there is a loop. */
  #groups(forwardingOnly: boolean): { readonly group: number[]; readonly loop: boolean } {
    const group = this.bridges.map((_, index) => index);
    const find = (index: number): number => (group[index] === index ? index : (group[index] = find(group[index]!)));
    let loop = false;
    for (const { bridges, ports, link } of this.edges) {
      if (!link.carrier || (forwardingOnly && !ports.every(({ forwards }) => forwards))) continue;
      const [a, b] = [find(bridges[0]), find(bridges[1])];
      if (a === b) loop = true;
      group[a] = b;
    }
    return { group: group.map((_, index) => find(index)), loop };
  }

  #watchLoops(): void {
    const now = this.clock.now();
    const { loop } = this.#groups(true);
    if (loop && this.#loopSince === undefined) {
      this.loops += 1;
      this.#loopSince = now;
    } else if (!loop && this.#loopSince !== undefined) {
      this.loopNanos += now - this.#loopSince;
      this.#loopSince = undefined;
    }
  }

  setLink(index: number, up: boolean): void {
    this.edges[index]!.link.setUp(up);
    this.#watchLoops();
  }

  setAllLinks(up: boolean): void {
    for (const index of this.edges.keys()) this.setLink(index, up);
  }

  /** Sends a marked frame, and forgets the one before. */
  send(from: number, to: number | 'all'): void {
    this.#mark += 1;
    this.#copies = { mark: this.#mark, at: this.bridges.map(() => 0) };
    const frame = new Uint8Array(60);
    putEthernet(frame, 0, to === 'all' ? BROADCAST_MAC : stationMac(to), stationMac(from), TYPE_MARKED);
    putBe32(frame, 14, this.#mark);
    this.bridges[from]!.station.wire!.transmit(frame);
  }

  get copies(): readonly number[] {
    return this.#copies?.at ?? [];
  }

  /** Lets time pass, with a broadcast from anywhere every so often. */
  run(nanos: Nanos, broadcastEveryNanos: Nanos): void {
    const until = this.clock.now() + nanos;
    while (this.clock.now() < until) {
      this.send(below(this.rng, this.bridges.length), 'all');
      this.clock.run(Math.min(until, this.clock.now() + broadcastEveryNanos));
    }
  }

  /** Runs until nothing changed for `quietNanos`; gives back how long the last change was after the start. */
  converge(quietNanos: Nanos, broadcastEveryNanos = 20 * MILLISECOND): Nanos {
    const start = this.clock.now();
    this.changedAt = start;
    while (this.clock.now() - this.changedAt < quietNanos) this.run(100 * MILLISECOND, broadcastEveryNanos);
    return this.changedAt - start;
  }

  /** What is wrong once all is quiet: every bridge that cables reach is reached, once, and all agree on the root. */
  problems(): string[] {
    const problems: string[] = [];
    const [cabled, forwarding] = [this.#groups(false).group, this.#groups(true)];
    if (forwarding.loop) problems.push('what forwards has a loop');
    for (const from of this.bridges.keys()) {
      this.send(from, 'all');
      this.clock.run(this.clock.now() + 5 * MILLISECOND);
      for (const [to, copies] of this.copies.entries()) {
        const expected = to !== from && cabled[to] === cabled[from] ? 1 : 0;
        if (copies !== expected) problems.push(`a broadcast of ${from} came ${copies} times to ${to}`);
      }
    }
    for (const [from, at] of this.bridges.entries()) {
      const to = below(this.rng, this.bridges.length);
      if (to === from || cabled[to] !== cabled[from]) continue;
      this.send(from, to);
      this.clock.run(this.clock.now() + 5 * MILLISECOND);
      // It was heard of: nobody else gets it.
      if (this.copies[to] !== 1 || this.copies.reduce((sum, one) => sum + one, 0) !== 1)
        problems.push(`a frame from ${from} to ${to} came ${this.copies.join()}`);
      if (at.tree.unsettled !== 0) problems.push(`bridge ${from} did not settle`);
      // The best bridge of each group is root.
      const best = Math.min(
        ...[...this.bridges.entries()]
          .filter(([index]) => cabled[index] === cabled[from])
          .map(([, { tree }]) => {
            const { bridge } = tree.status();
            return bridge.priority * 0x1_0000_0000_0000 + bridge.address;
          }),
      );
      const { root } = at.tree.status();
      if (root.priority * 0x1_0000_0000_0000 + root.address !== best) problems.push(`bridge ${from} has the wrong root`);
    }
    return problems;
  }

  stop(): void {
    for (const { tree } of this.bridges) tree.stop();
  }
}

/** A ring; and a ring where every bridge has a cable to every other. */
export const ring = (bridges: number): BenchLink[] =>
  Array.from({ length: bridges }, (_, index) => ({ ends: [index, (index + 1) % bridges] }));

export const fullMesh = (bridges: number): BenchLink[] =>
  Array.from({ length: bridges }, (_, a) => Array.from({ length: a }, (__, b): BenchLink => ({ ends: [a, b] }))).flat();

/** Connected, with cables to spare, some of them between the same two bridges. */
export function randomGraph(rng: Rng, bridges: number, spare: number): BenchLink[] {
  const rate = (): number => [100e6, 1e9, 10e9][below(rng, 3)]!;
  const links: BenchLink[] = [];
  for (let index = 1; index < bridges; index += 1) links.push({ ends: [index, below(rng, index)], rateBitsPerSecond: rate() });
  while (links.length < bridges - 1 + spare) {
    const [a, b] = [below(rng, bridges), below(rng, bridges)];
    if (a !== b) links.push({ ends: [a, b], rateBitsPerSecond: rate() });
  }
  return links;
}
