/** Floods through a switch, with an iSCSI session over our TCP at work before, during and after each: it goes on, and one event tells of it. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/base/clock.ts';
import { putBe16, putBe32 } from '../../src/base/bytes.ts';
import type { Rng } from '../../src/base/rng.ts';
import { describePing } from '../../src/inet/ping.ts';
import { neighborSolicitation, arpRequest, type Framing } from '../../src/inet/resolution-frames.ts';
import { putEthernet, TYPE_IPV4, TYPE_IPV6 } from '../../src/wire/ethernet/frame.ts';
import { address, type IpAddress } from '../../src/wire/ip/address.ts';
import { pseudoHeaderSum } from '../../src/wire/ip/checksum.ts';
import { encodeIpv4, MORE_FRAGMENTS, PROTOCOL_TCP, PROTOCOL_UDP } from '../../src/wire/ip/ipv4.ts';
import { encodeFragmentHeader, encodeIpv6, NEXT_FRAGMENT } from '../../src/wire/ip/ipv6.ts';
import { putTcp, sealTcp, SYN, TCP_HEADER_BYTES } from '../../src/wire/ip/tcp.ts';
import { ADDRESSES_MAX, FloodBench, type FloodHost, MAC_ATTACKER, MAC_B } from './flood-bench.ts';

const B = address('192.0.2.2');
const B6 = address('2001:db8::2');
const ATTACKER = address('192.0.2.66');
const FRAMES = 20_000;
const COMMANDS = 300;

const attackers: Framing = {
  linkBytes: 14,
  putLinkHeader: (frame, destination, type) => putEthernet(frame, 0, destination, MAC_ATTACKER, type),
};

const randomMac = (rng: Rng): number => 0x0200_0000_0000 + rng.uint32() + 0x0001_0000_0000;

function randomNeighbor(rng: Rng): IpAddress {
  const made = address('2001:db8::');
  putBe32(made, 8, rng.uint32());
  putBe32(made, 12, rng.uint32());
  return made;
}

function ping(bench: FloodBench, from: FloodHost, to: string, dataBytes = 56): string {
  let said = 'nothing';
  from.pinger.ping(address(to), { dataBytes }, (result) => (said = describePing(result)));
  bench.wait(0.02);
  return said;
}

/** Before, during and after: no command fails, none is late by a retransmission timeout, and the attacker sees none of them. */
function outlives(bench: FloodBench, make: (count: number) => Uint8Array, during: () => void = () => {}): void {
  const before = bench.work(COMMANDS);
  bench.takeEvents();
  const amid = bench.flood(10, FRAMES, make, () => {
    // The flood is at its height when the session goes on.
    bench.wait(0.05);
    const work = bench.work(COMMANDS);
    during();
    return work;
  });
  const after = bench.work(COMMANDS);
  expect([bench.violations, before.commands, amid.commands, after.commands]).toEqual([[], COMMANDS, COMMANDS, COMMANDS]);
  expect(bench.overheard).toBe(0);
  expect(bench.a.tcp.counters.timeouts + bench.b.tcp.counters.timeouts).toBe(0);
  expect(amid.seconds).toBeLessThan(before.seconds * 3);
  expect(after.seconds).toBeLessThan(before.seconds * 1.5);
  for (const port of bench.bridge.ports.slice(0, 2)) expect(port.counters.ifOutDiscards).toBe(0);
}

describe('a session on an array goes on through', () => {
  it('a flood of MAC addresses: the table is full, and what it knows stays', () => {
    const bench = new FloodBench(1);
    const { rng, bridge } = bench;
    outlives(
      bench,
      () => {
        const frame = rng.fill(new Uint8Array(60));
        putEthernet(frame, 0, randomMac(rng), randomMac(rng), TYPE_IPV4);
        return frame;
      },
      () => {
        // One that comes late isn't learned, and still is found: by flooding.
        const late = bench.addHost('late', 0x0200_0000_0d04, 4, 3);
        expect(ping(bench, late, '192.0.2.2')).toMatch(/^from 192\.0\.2\.2/);
        expect(ping(bench, bench.a, '2001:db8::4')).toMatch(/^from 2001:db8::4/);
      },
    );
    expect(bridge.addresses()).toHaveLength(ADDRESSES_MAX);
    expect(bridge.ports[2]!.counters.learnRefusals).toBeGreaterThan(FRAMES - ADDRESSES_MAX - 1);
    expect(bench.takeEvents()).toEqual(['tor1: bridge-mac-table-full']);
  });

  for (const kind of ['ARP', 'neighbour discovery'] as const)
    it(`a storm of ${kind}: the cache is full, and those who are needed stay`, () => {
      const bench = new FloodBench(2);
      const { rng, b } = bench;
      const { resolved } = b.nic.neighbors.counters;
      outlives(bench, () => {
        if (kind === 'ARP') {
          const sender = rng.fill(new Uint8Array(4));
          sender.set([10, 1 + (sender[1]! & 0x7f)]);
          return arpRequest(attackers, randomMac(rng), sender, B, undefined);
        }
        return neighborSolicitation(attackers, randomMac(rng), randomNeighbor(rng), B6, undefined);
      });
      // The host at work was never forgotten, so never asked for again.
      expect(b.nic.neighbors.counters.resolved).toBe(resolved);
      expect(b.nic.neighbors.list()).toHaveLength(4096);
      expect(b.nic.neighbors.counters.evicted).toBeGreaterThan(FRAMES - 4096 - 100);
      expect(bench.takeEvents()).toEqual(['b: inet-neighbor-cache-full']);
    });

  it('a storm of ARP broadcasts: the switch holds the port to its limit', () => {
    const bench = new FloodBench(6, { broadcast: 1000 });
    const { rng, bridge, b } = bench;
    outlives(bench, () => {
      const [sender, target] = [rng.fill(new Uint8Array(4)), rng.fill(new Uint8Array(4))];
      return arpRequest(attackers, MAC_ATTACKER, sender, target, undefined);
    });
    const { stormDiscards, ifInBroadcastPkts } = bridge.ports[2]!.counters;
    expect(ifInBroadcastPkts).toBeGreaterThanOrEqual(FRAMES);
    // A thousand a second, and a tenth of it at once.
    const passed = ifInBroadcastPkts - stormDiscards;
    expect(passed).toBeLessThan(1000 * (bench.clock.now() / SECOND) + 101);
    expect(passed).toBeGreaterThan(100);
    expect(b.nic.neighbors.list()).toHaveLength(1);
    expect(bench.takeEvents()).toEqual(['tor1: bridge-storm-limited']);
  });

  it('a flood of SYNs: they are answered with cookies, and who means it gets in', () => {
    const bench = new FloodBench(3);
    const { rng, a, b } = bench;
    b.nic.neighbors.setPermanent(ATTACKER, MAC_ATTACKER);
    const opened: boolean[] = [];
    outlives(
      bench,
      () => synchronize(ATTACKER, rng),
      () => {
        const receiver = { nextBuffer: () => new Uint8Array(100), handleBytes() {}, handleClose() {} };
        const stream = a.tcp.connect(B, 3260, { receiver, opened: () => opened.push(true) });
        bench.wait(0.02);
        stream?.destroy();
      },
    );
    expect(opened).toEqual([true]);
    expect(b.tcp.counters.cookiesSent).toBeGreaterThan(FRAMES - 1000);
    expect(b.tcp.counters.cookiesAccepted).toBe(1);
    expect(bench.takeEvents()).toEqual(['b: tcp-syn-flood']);
  });

  it('a flood of SYNs from everywhere: the answers find no neighbours, and those who are needed stay', () => {
    const bench = new FloodBench(4);
    const { rng, b } = bench;
    outlives(bench, () => synchronize(randomNeighbor(rng), rng));
    expect(b.tcp.counters.cookiesSent).toBeGreaterThan(FRAMES - 1000);
    expect(b.nic.neighbors.list().length).toBeLessThanOrEqual(4096);
    expect(bench.takeEvents().toSorted()).toEqual(['b: inet-neighbor-cache-full', 'b: tcp-syn-flood']);
  });

  for (const family of ['IPv4', 'IPv6'] as const)
    it(`a flood of ${family} fragments: the oldest are given up, and what comes whole gets through`, () => {
      const bench = new FloodBench(5);
      const { a, b } = bench;
      b.nic.neighbors.setPermanent(ATTACKER, MAC_ATTACKER);
      outlives(
        bench,
        (count) => (family === 'IPv4' ? firstFragment(count) : firstFragment6(count)),
        () => {
          for (const to of ['192.0.2.2', '2001:db8::2']) expect(ping(bench, a, to, 8000)).toMatch(/time [\d.]+ ms$/);
        },
      );
      const { reassembly } = b.host;
      expect(reassembly.waitingPackets).toBe(256);
      expect(reassembly.counters.ipReasmFails).toBeGreaterThan(FRAMES - 257);
      expect(reassembly.counters.ipReasmOKs).toBe(2);
      expect(bench.takeEvents()).toEqual(['b: inet-reassembly-full']);
      // The rest is given up in time, and the errors about it have their limit.
      bench.wait(61);
      expect([reassembly.waitingPackets, reassembly.waitingBytes]).toEqual([0, 0]);
      const { icmpOutMsgs, errorsWithheld } = b.icmp.counters;
      // Two of the messages answer the pings.
      expect(icmpOutMsgs - 2 + errorsWithheld).toBe(256);
      expect(icmpOutMsgs).toBeLessThan(30);
    });
});

function synchronize(source: IpAddress, rng: Rng): Uint8Array {
  const isV4 = source.length === 4;
  const at = isV4 ? 34 : 54;
  const frame = new Uint8Array(at + TCP_HEADER_BYTES);
  putEthernet(frame, 0, MAC_B, MAC_ATTACKER, isV4 ? TYPE_IPV4 : TYPE_IPV6);
  if (isV4) encodeIpv4({ timeToLive: 64, protocol: PROTOCOL_TCP, source, destination: B }, TCP_HEADER_BYTES, frame, 14);
  else encodeIpv6({ hopLimit: 64, nextHeader: PROTOCOL_TCP, source, destination: B6 }, TCP_HEADER_BYTES, frame, 14);
  putTcp(frame, at, 1024 + (rng.uint32() % 60_000), 3260, rng.uint32(), 0, TCP_HEADER_BYTES, SYN, 65_535);
  const addressesAt = isV4 ? 26 : 22;
  sealTcp(frame, at, frame.length, pseudoHeaderSum(frame, addressesAt, source.length, PROTOCOL_TCP, TCP_HEADER_BYTES));
  return frame;
}

/** The first piece of a packet that never gets whole. */
function firstFragment(count: number): Uint8Array {
  const frame = new Uint8Array(34 + 1480);
  putEthernet(frame, 0, MAC_B, MAC_ATTACKER, TYPE_IPV4);
  const header = { timeToLive: 64, protocol: PROTOCOL_UDP, source: ATTACKER, destination: B, identification: count & 0xffff };
  encodeIpv4({ ...header, fragment: MORE_FRAGMENTS }, 1480, frame, 14);
  putBe16(frame, 34, count & 0xffff);
  return frame;
}

function firstFragment6(count: number): Uint8Array {
  const frame = new Uint8Array(54 + 8 + 1440);
  putEthernet(frame, 0, MAC_B, MAC_ATTACKER, TYPE_IPV6);
  encodeIpv6({ hopLimit: 64, nextHeader: NEXT_FRAGMENT, source: address('2001:db8::66'), destination: B6 }, 8 + 1440, frame, 14);
  encodeFragmentHeader(PROTOCOL_UDP, count, 0, true, frame, 54);
  return frame;
}
