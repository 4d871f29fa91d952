/**
 * What is fuzzed with frames: a switch with spanning tree and LLDP, three hosts at it that do everything a host of ours can, and ports where
 * strangers are: one of bare frames, one of QEMU's stream framing, one of VXLAN's. All in virtual time.
 */
import { SECOND } from '../../src/base/clock.ts';
import { be16, be48 } from '../../src/base/bytes.ts';
import type { EventSink, FabricEvent } from '../../src/base/event.ts';
import type { Wire } from '../../src/base/port.ts';
import { seededRng } from '../../src/base/rng.ts';
import { DhcpClient } from '../../src/inet/dhcp-client.ts';
import { DhcpServer } from '../../src/inet/dhcp-server.ts';
import { HostPath } from '../../src/inet/host-path.ts';
import { InetHost } from '../../src/inet/host.ts';
import { Icmp } from '../../src/inet/icmp.ts';
import type { InetInterface } from '../../src/inet/interface.ts';
import { Pinger } from '../../src/inet/ping.ts';
import { RouterAdvertiser } from '../../src/inet/router-advertiser.ts';
import { RouterDiscovery } from '../../src/inet/router-discovery.ts';
import { TcpStack } from '../../src/inet/tcp/stack.ts';
import { Udp } from '../../src/inet/udp.ts';
import { Bridge } from '../../src/link/bridge.ts';
import { LldpAgent } from '../../src/link/lldp-agent.ts';
import { ALL_VLANS } from '../../src/link/port-vlans.ts';
import { addSpanningTree } from '../../src/link/spanning-tree/bridge-spanning-tree.ts';
import { defaultSpanningTreePortSettings, defaultSpanningTreeSettings } from '../../src/link/spanning-tree/settings.ts';
import { defaultLinkSettings, Link } from '../../src/runtime/link.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { TYPE_LLDP } from '../../src/wire/ethernet/frame.ts';
import { BROADCAST_MAC, BRIDGE_GROUP_MAC, NEAREST_BRIDGE_MAC } from '../../src/wire/ethernet/mac.ts';
import { address, ALL_NODES, ANY_IPV4, BROADCAST_IPV4, type IpAddress, multicastMac, solicitedNode } from '../../src/wire/ip/address.ts';

export const SWITCH_MAC = 0x0200_0000_0100;
export const ADDRESSES_MAX = 512;
export const CONNECTIONS_MAX = 200;
const STRANGERS = 3;

/** A host of the fabric. */
export class FuzzedHost {
  readonly name: string;
  readonly mac: number;
  readonly host: InetHost;
  readonly nic: InetInterface;
  readonly icmp: Icmp;
  readonly udp: Udp;
  readonly tcp: TcpStack;
  readonly pinger: Pinger;

  constructor(name: string, mac: number, clock: VirtualClock, seed: number, events: EventSink) {
    this.name = name;
    this.mac = mac;
    this.host = new InetHost(name, { clock, rng: seededRng(seed), events });
    this.nic = this.host.addInterface({ name: 'nic0', mac, mtuBytes: 1500, vlan: undefined });
    this.icmp = new Icmp(this.host);
    this.udp = new Udp(this.host, ({ frame, packetAt, end }) => packetAt !== -1 && this.icmp.portUnreachable(frame, packetAt, end));
    this.tcp = new TcpStack(this.host, { connectionsMax: CONNECTIONS_MAX, timeWaitsMax: CONNECTIONS_MAX });
    this.pinger = new Pinger(this.host, this.icmp);
    this.nic.groups.join(address('239.1.2.3'));
    this.nic.groups.join(address('ff05::1234'));
  }
}

const toAll = ({ host, nic }: FuzzedHost, source: IpAddress): HostPath => new HostPath(host, nic, source, BROADCAST_IPV4, BROADCAST_IPV4);

export class FrameFabric {
  readonly clock = new VirtualClock();
  readonly events: FabricEvent[] = [];
  readonly bridge: Bridge;
  readonly lldp: LldpAgent;
  /** a advertises and leases addresses, b has its own, c asks for one. */
  readonly a: FuzzedHost;
  readonly b: FuzzedHost;
  readonly c: FuzzedHost;
  readonly dhcpServer: DhcpServer;
  readonly dhcpClient: DhcpClient;
  readonly advertiser: RouterAdvertiser;
  readonly discoveries: readonly RouterDiscovery[];
  /** Whom mutants are sent to. */
  readonly macs: readonly number[];
  /** Told of every frame that a host or the switch sends while it is set. */
  onSent: ((frame: Uint8Array) => void) | undefined;

  constructor(seed: number) {
    const { clock } = this;
    // Of a kind of event, the first few are enough.
    const counts = new Map<number, number>();
    const told = (event: FabricEvent): void => {
      counts.set(event.id, (counts.get(event.id) ?? 0) + 1);
      if (counts.get(event.id)! < 100) this.events.push(event);
    };
    this.a = new FuzzedHost('a', 0x0200_0000_0a01, clock, seed * 4 + 1, told);
    this.b = new FuzzedHost('b', 0x0200_0000_0b02, clock, seed * 4 + 2, told);
    this.c = new FuzzedHost('c', 0x0200_0000_0c03, clock, seed * 4 + 3, told);
    const names = ['a', 'b', 'c', 'stranger', 'qemu', 'vxlan'];
    const services = { clock, events: told };
    const port = { vlans: { mode: 'trunk', native: 1, allowed: ALL_VLANS }, frameBytesMax: 9216, defaultPriority: 0 } as const;
    const ports = names.map((name) => ({ ...port, name }));
    this.bridge = new Bridge({ name: 'tor1', ports, addressesMax: ADDRESSES_MAX, ageingNanos: 300 * SECOND }, services);
    this.lldp = this.#lldp();
    addSpanningTree(
      this.bridge,
      {
        ...defaultSpanningTreeSettings,
        name: 'tor1',
        address: SWITCH_MAC,
        ports: names.map((name, index) => ({
          ...defaultSpanningTreePortSettings,
          name,
          mac: SWITCH_MAC + index + 1,
          edge: index < names.length - STRANGERS,
        })),
      },
      services,
    );
    for (const [index, { nic }] of [this.a, this.b, this.c].entries()) {
      const link = new Link(nic, this.bridge.ports[index]!, defaultLinkSettings, { clock, rng: seededRng(seed + index) });
      link.setTap({ handleSent: (_from, frame) => this.onSent?.(frame), handleDropped() {} });
      link.setUp(true);
    }
    for (const stranger of this.bridge.ports.slice(-STRANGERS)) {
      const wire: Wire = { rateBitsPerSecond: 10e9, carrier: true, transmit: (frame) => this.onSent?.(frame) };
      stranger.wire = wire;
      stranger.handleCarrier(true);
    }
    for (const [host, last] of [
      [this.a, 1],
      [this.b, 2],
    ] as const) {
      host.host.addAddress(host.nic, address(`192.0.2.${last}`), 24);
      host.host.addAddress(host.nic, address(`2001:db8::${last}`), 64);
      host.host.addAddress(host.nic, address(`2001:db8:1::${last}`), 64);
    }
    const prefix = { prefix: address('2001:db8:1::'), bits: 64, validSeconds: 86_400, preferredSeconds: 3600 };
    this.advertiser = new RouterAdvertiser(this.a.host, this.a.nic, { prefixes: [prefix], mtuBytes: 1500 });
    this.discoveries = [this.b, this.c].map(({ host, nic }) => new RouterDiscovery(host, nic));
    this.dhcpServer = new DhcpServer(
      {
        server: address('192.0.2.1'),
        bits: 24,
        first: address('192.0.2.100'),
        last: address('192.0.2.163'),
        leaseSeconds: 120,
        reservations: [],
        options: new Map([[3, address('192.0.2.1')]]),
      },
      clock,
    );
    this.dhcpClient = this.#dhcp();
    for (const { udp } of [this.a, this.b, this.c]) {
      const socket = udp.open({
        port: 7,
        onDatagram: ({ source, sourcePort, payload }) => void socket.send(source.slice(), sourcePort, payload.slice()),
      })!;
    }
    const hosts = [this.a.mac, this.b.mac, this.c.mac];
    const groups = [BROADCAST_MAC, BRIDGE_GROUP_MAC, NEAREST_BRIDGE_MAC, multicastMac(ALL_NODES), multicastMac(address('224.0.0.1'))];
    this.macs = [...hosts, ...hosts, ...groups, multicastMac(solicitedNode(address('2001:db8::2'))), SWITCH_MAC, 0x0200_0000_0eee];
  }

  #lldp(): LldpAgent {
    const capabilities = { supported: 4, enabled: 4 };
    const agent = new LldpAgent({ chassis: SWITCH_MAC, name: 'tor1', description: '', capabilities, managementAddresses: [] }, this.clock);
    for (const [index, port] of this.bridge.ports.entries())
      agent.addPort({ name: port.name, mac: SWITCH_MAC + index + 1, send: (frame) => port.send(frame) });
    this.bridge.addLocalHandler((port, frame) => {
      if (be48(frame, 0) !== NEAREST_BRIDGE_MAC || be16(frame, 12) !== TYPE_LLDP) return false;
      agent.handleFrame(port.name, frame);
      return true;
    });
    this.bridge.onCarrier((port, up) => agent.handleCarrier(port.name, up));
    return agent;
  }

  #dhcp(): DhcpClient {
    const { a, c, clock } = this;
    const server = a.udp.open({
      port: 67,
      onDatagram: ({ payload }) => {
        const answer = this.dhcpServer.handleMessage(payload);
        if (answer === undefined) return;
        if (answer.to === undefined) server.sendOver(toAll(a, address('192.0.2.1')), 68, answer.message);
        else server.send(answer.to, 68, answer.message);
      },
    })!;
    const socket = c.udp.open({ port: 68, onDatagram: ({ payload }) => client.handleMessage(payload) })!;
    let leased: Uint8Array | undefined;
    const client = new DhcpClient(
      { mac: c.mac, hostName: 'c', vendorClass: undefined },
      {
        send: (message, to) => void (to === undefined ? socket.sendOver(toAll(c, ANY_IPV4), 67, message) : socket.send(to, 67, message)),
        handleLease: (lease) => {
          if (leased !== undefined) {
            c.nic.removeAddress(leased);
            c.host.routes.remove(({ prefix, out }) => out === c.nic && prefix.length === 4);
          }
          leased = lease?.address;
          if (lease !== undefined) c.host.addAddress(c.nic, lease.address, lease.bits);
        },
      },
      clock,
      c.host.services.rng,
    );
    client.start();
    return client;
  }

  /** What is above its bound; empty: nothing. */
  overgrown(): string[] {
    const { bridge, lldp, clock, dhcpServer, discoveries } = this;
    const sizes: [string, number, number][] = [
      ['MAC table', bridge.addresses().length, ADDRESSES_MAX],
      ...bridge.ports.map(({ name }): [string, number, number] => [
        `LLDP neighbours of ${name}`,
        lldp.neighbors().filter(({ port }) => port === name).length,
        8,
      ]),
      ['leases', dhcpServer.leases().length, 64],
      ['routers', Math.max(...discoveries.map(({ routers }) => routers.length)), 8],
      ['timers', clock.pending, 200 + 3 * 8 * CONNECTIONS_MAX],
    ];
    for (const { name, host, nic, tcp } of [this.a, this.b, this.c])
      sizes.push(
        [`${name}: neighbours`, nic.neighbors.list().length, 4096],
        [`${name}: bytes of fragments`, host.reassembly.waitingBytes, 4 * 1024 * 1024],
        [`${name}: packets in fragments`, host.reassembly.waitingPackets, 256],
        [`${name}: routes`, host.routes.list().length, 64],
        [`${name}: addresses`, nic.addresses.length, 24],
        [`${name}: groups`, nic.groups.list().length, 64],
        [`${name}: connections`, tcp.connections.length, CONNECTIONS_MAX],
        [`${name}: time waits`, tcp.timeWaits, CONNECTIONS_MAX],
      );
    return sizes.filter(([, size, most]) => size > most).map(([what, size, most]) => `${what}: ${size} of ${most}`);
  }

  /** How far in mutants got: what each part counted of what it understood, of what it refused, and of what was too much. */
  depth(): Readonly<Record<string, number>> {
    const hosts = [this.a, this.b, this.c];
    const sum = (of: (host: FuzzedHost) => number): number => hosts.reduce((total, host) => total + of(host), 0);
    const strangers = this.bridge.ports.slice(-STRANGERS);
    return {
      relayed: strangers.reduce((total, { counters }) => total + counters.ifInUcastPkts + counters.ifInMulticastPkts, 0),
      blocked: strangers.reduce((total, { counters }) => total + counters.blockedDiscards, 0),
      lldpUnderstood: this.lldp.counters.statsFramesInTotal - this.lldp.counters.statsFramesInErrorsTotal,
      lldpRefused: this.lldp.counters.statsFramesInErrorsTotal,
      packetsDelivered: sum(({ host }) => host.counters.ipInDelivers),
      headersRefused: sum(({ host }) => host.counters.ipInHdrErrors),
      reassembled: sum(({ host }) => host.reassembly.counters.ipReasmOKs),
      fragmentsRefused: sum(({ host }) => host.reassembly.counters.ipReasmFails),
      icmpUnderstood: sum(({ icmp }) => icmp.counters.icmpInMsgs - icmp.counters.icmpInErrors),
      icmpErrorsSent: sum(({ icmp }) => icmp.counters.icmpOutMsgs),
      advertisements: this.discoveries.reduce((total, { counters }) => total + counters.advertisements, 0),
      groupQueries: sum(({ nic }) => nic.groups.counters.igmp.queries + nic.groups.counters.mld.queries),
      datagrams: sum(({ udp }) => udp.counters.udpInDatagrams),
      neighboursLearned: sum(({ nic }) => nic.neighbors.counters.resolved),
      leases: this.dhcpServer.counters.leases,
      dhcpRefused: this.dhcpServer.counters.malformed,
      ...this.#tcpDepth(),
    };
  }

  #tcpDepth(): Record<string, number> {
    const all: Record<string, number> = {};
    for (const { tcp } of [this.a, this.b, this.c])
      for (const [name, count] of Object.entries(tcp.counters)) all[`tcp.${name}`] = (all[`tcp.${name}`] ?? 0) + Number(count);
    return all;
  }
}
