import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { SECOND } from '../base/clock.ts';
import { seededRng } from '../base/rng.ts';
import { address, formatIp, linkLocalOf } from '../wire/ip/address.ts';
import { describeFrame } from '../wire/ip/describe.ts';
import { pushTag, putEthernet, tagControlOf, TYPE_IPV6 } from '../wire/ethernet/frame.ts';
import { encodeFragmentHeader, encodeIpv6, NEXT_FRAGMENT } from '../wire/ip/ipv6.ts';
import { describePing, type PingOptions } from './ping.ts';
import { arpReply } from './resolution-frames.ts';
import { MAC_A, MAC_B, twoHosts, type TwoHosts } from './testing/two-hosts.ts';
import { UDP_PAYLOAD_BYTES_MAX } from './udp.ts';

/** Pings from a, and says what came of it. */
function ping({ clock, a }: TwoHosts, to: string, options: PingOptions = {}): string {
  let said = 'nothing';
  a.pinger.ping(address(to), options, (result) => (said = describePing(result)));
  clock.run(clock.now() + 5 * SECOND);
  return said;
}

const far = (index: number): Uint8Array => Uint8Array.of(198, 51, index >>> 8, index & 0xff);

/** A piece of an IPv6 packet from the first host to the second. */
function fragment(offset: number, bytes: number, more: boolean): Uint8Array {
  const frame = new Uint8Array(62 + bytes);
  putEthernet(frame, 0, MAC_B, MAC_A, TYPE_IPV6);
  const ends = { source: address('2001:db8::1'), destination: address('2001:db8::2') };
  encodeIpv6({ hopLimit: 64, nextHeader: NEXT_FRAGMENT, ...ends }, 8 + bytes, frame, 14);
  encodeFragmentHeader(17, 7, offset, more, frame, 54);
  return frame;
}

/** What the bridge of Linux 6.18 asks as a querier, as tcpdump saw it. */
const KERNEL_QUERIES = {
  igmp2: '01005e000001463fc29e1da3080046c00020000040000102041700000000e0000001940400001164ee9b00000000',
  igmp3: '01005e000001463fc29e1da3080046c00024000040000102041300000000e0000001940400001164ec1e00000000027d0000',
  mld2:
    '333300000001660204b9d2f686dd6000000000240001fe80000000000000640204fffeb9d2f6ff020000000000000000000000000001' +
    '3a0005020000000082001be527100000000000000000000000000000' +
    '00000000027d0000',
};

describe('two hosts', () => {
  it('find each other and ping over IPv4', () => {
    const hosts = twoHosts();
    expect(ping(hosts, '192.0.2.2')).toMatch(/^from 192\.0\.2\.2: hop limit 64, time 0\.00\d ms$/);
    expect(hosts.take()).toEqual([
      'a ARP, Request who-has 192.0.2.2 tell 192.0.2.1, length 28',
      'b ARP, Reply 192.0.2.2 is-at 02:00:00:00:0b:02, length 28',
      expect.stringMatching(/^a IP 192\.0\.2\.1 > 192\.0\.2\.2: ICMP echo request, id \d+, seq 1, length 64$/),
      expect.stringMatching(/^b IP 192\.0\.2\.2 > 192\.0\.2\.1: ICMP echo reply, id \d+, seq 1, length 64$/),
    ]);
  });

  it('and over IPv6', () => {
    const hosts = twoHosts();
    expect(ping(hosts, '2001:db8::2')).toMatch(/^from 2001:db8::2: hop limit 64/);
    expect(hosts.take().slice(0, 2)).toEqual([
      'a IP6 2001:db8::1 > ff02::1:ff00:2: ICMP6, neighbor solicitation, who has 2001:db8::2, length 32',
      'b IP6 2001:db8::2 > 2001:db8::1: ICMP6, neighbor advertisement, tgt is 2001:db8::2, length 32',
    ]);
  });

  it('in fragments, of any size, both families', () => {
    const hosts = twoHosts();
    for (const to of ['192.0.2.2', '2001:db8::2'])
      for (const dataBytes of [1472, 1473, 9000, 65000]) expect(ping(hosts, to, { dataBytes })).toMatch(/hop limit 64, time [\d.]+ ms$/);
    expect(hosts.b.host.reassembly.waitingBytes).toBe(0);
    expect(hosts.take().filter((line) => line.includes('malformed'))).toEqual([]);
  });

  it('say what is not reachable', () => {
    const hosts = twoHosts();
    expect(ping(hosts, '192.0.2.9', { timeoutNanos: 5 * SECOND })).toBe('from 192.0.2.9: host unreachable');
    expect(ping(hosts, '198.51.100.1')).toBe('no route to host');
    hosts.link.setUp(false);
    expect(ping(hosts, '192.0.2.2', { timeoutNanos: SECOND })).toBe('no answer');
  });

  it('exchange datagrams, and are told of ports where nobody listens', () => {
    const { clock, a, b } = twoHosts();
    const got: string[] = [];
    const server = b.udp.open({
      port: 7,
      onDatagram: ({ source, sourcePort, payload }) => {
        got.push(`${formatIp(source)} ${payload.length}`);
        server.send(source.slice(), sourcePort, payload.slice());
      },
    })!;
    const back: number[] = [];
    const refused: string[] = [];
    const client = a.udp.open({
      port: 0,
      onDatagram: ({ payload }) => back.push(payload.length),
      onError: (error, destination, port) => refused.push(`${error.kind} ${formatIp(destination)} ${port}`),
    })!;
    for (const to of ['192.0.2.2', '2001:db8::2'])
      for (const bytes of [0, 1, 1400, UDP_PAYLOAD_BYTES_MAX - 20]) client.send(address(to), 7, new Uint8Array(bytes));
    client.send(address('192.0.2.2'), 8, new Uint8Array(3));
    client.send(address('2001:db8::2'), 8, new Uint8Array(3));
    clock.run(clock.now() + SECOND);
    expect(got).toHaveLength(8);
    expect(back).toEqual([0, 1, 1400, 65487, 0, 1, 1400, 65487]);
    expect(refused).toEqual(['unreachable 192.0.2.2 8', 'unreachable 2001:db8::2 8']);
    expect(client.send(address('192.0.2.2'), 7, new Uint8Array(UDP_PAYLOAD_BYTES_MAX + 1))).toBe(false);
    expect([b.udp.open({ port: 7, onDatagram() {} }), b.udp.counters.udpNoPorts]).toEqual([undefined, 2]);
    server.close();
    expect(b.udp.open({ port: 7, onDatagram() {} })).toBeDefined();
  });

  it('of one VLAN hear no other', () => {
    const hosts = twoHosts({ vlan: 100 });
    expect(ping(hosts, '192.0.2.2')).toMatch(/^from 192\.0\.2\.2/);
    expect(hosts.take()[0]).toMatch(/^a vlan 100, p 0, ARP/);
    const { nic } = hosts.b;
    const before = nic.counters.ignored;
    nic.handleFrame(pushTag(new Uint8Array(60).fill(0xff, 0, 12), tagControlOf(101)));
    nic.handleFrame(new Uint8Array(60).fill(0xff, 0, 12));
    expect(nic.counters.ignored - before).toBe(2);
  });

  it('notice that another has their address, say so once in a while, and defend it', () => {
    const { clock, a, events, take } = twoHosts();
    const claim = arpReply(
      { linkBytes: 14, putLinkHeader: (frame) => frame.fill(0xff, 0, 6).set([8, 6], 12) },
      0x0200_0000_0e05,
      address('192.0.2.1'),
      MAC_B,
      address('192.0.2.2'),
    );
    for (let count = 0; count < 100; count += 1) a.nic.handleFrame(claim.slice());
    clock.run(clock.now() + SECOND);
    expect(events.map(({ message }) => message)).toEqual(['nic0: 02:00:00:00:0e:05 uses our address 192.0.2.1 too']);
    expect(take()).toEqual(['a ARP, Request who-has 192.0.2.1 tell 192.0.2.1, length 28']);
  });

  it('say that fragments were not all there, where the first one was (RFC 1122 §3.3.2, RFC 8200 §4.5)', () => {
    for (const [to, said] of [
      ['192.0.2.2', 'b IP 192.0.2.2 > 192.0.2.1: ICMP ip reassembly time exceeded, length 556'],
      ['2001:db8::2', 'b IP6 2001:db8::2 > 2001:db8::1: ICMP6, time exceeded, length 1240'],
    ] as const) {
      const hosts = twoHosts();
      const { a, clock, take } = hosts;
      ping(hosts, to);
      const wire = a.nic.wire!;
      // Of each packet one fragment gets lost: the second, then the first.
      for (const lost of [1, 0]) {
        let fragments = 0;
        const transmit = (frame: Uint8Array): void => {
          if (describeFrame(frame).includes('frag') && fragments++ === lost) return;
          wire.transmit(frame);
        };
        a.nic.wire = { rateBitsPerSecond: 1e9, carrier: true, transmit };
        a.pinger.ping(address(to), { dataBytes: 3000 }, () => {});
        clock.run(clock.now() + 59 * SECOND);
        const errors = (): string[] => take().filter((line) => line.includes('exceeded'));
        expect(errors()).toEqual([]);
        clock.run(clock.now() + 2 * SECOND);
        expect(errors()).toEqual(lost === 1 ? [said] : []);
      }
    }
  });

  it('say what is wrong with fragments that can be part of no packet (RFC 8200 §4.5)', () => {
    const { b, clock, take } = twoHosts();
    // The pointer is the last of the eight bytes of the message's header: at the payload length, and at the fragment's offset.
    for (const [sent, pointer] of [
      [fragment(0, 15, true), 4],
      [fragment(65_528, 16, false), 42],
    ] as const) {
      const answers: Uint8Array[] = [];
      const wire = b.nic.wire!;
      b.nic.wire = { rateBitsPerSecond: 1e9, carrier: true, transmit: (frame) => (answers.push(frame), wire.transmit(frame)) };
      b.nic.handleFrame(sent);
      clock.run(clock.now() + SECOND);
      const problem = answers.find((frame) => frame[54] === 4);
      expect(problem === undefined ? undefined : [problem[55], problem[61]]).toEqual([0, pointer]);
      b.nic.wire = wire;
    }
    expect(b.host.reassembly.waitingPackets).toBe(0);
    take();
  });

  it('tell the link which groups they listen to, and answer a querier (RFC 3376, RFC 3810)', () => {
    const { clock, a, b, take } = twoHosts();
    a.nic.groups.join(address('239.1.2.3'));
    a.nic.groups.join(address('ff05::1234'));
    clock.run(clock.now() + 2 * SECOND);
    const reports = [
      'a IP 192.0.2.1 > 224.0.0.22: igmp v3 report, 1 group record(s)',
      'a IP6 :: > ff02::16: HBH ICMP6, multicast listener report v2, 1 group record(s), length 28',
    ];
    expect(take().toSorted()).toEqual([...reports, ...reports].toSorted());
    const ask = (text: string): string[] => {
      a.nic.handleFrame(fromHex(text));
      clock.run(clock.now() + 11 * SECOND);
      return take();
    };
    // Not for everybody, or alerting no router: nothing.
    expect(ask(KERNEL_QUERIES.igmp3.replace('e0000001', 'e0000002').replace('0413', '0412'))).toEqual([]);
    expect(ask(KERNEL_QUERIES.mld2.replace('3a000502', '3a000102'))).toEqual([]);
    expect([a.nic.groups.counters.igmp.ignored, a.nic.groups.counters.mld.ignored]).toEqual([1, 1]);
    expect(ask(KERNEL_QUERIES.igmp3)).toEqual(['a IP 192.0.2.1 > 224.0.0.22: igmp v3 report, 1 group record(s)']);
    expect(ask(KERNEL_QUERIES.mld2)).toEqual([
      'a IP6 :: > ff02::16: HBH ICMP6, multicast listener report v2, 2 group record(s), length 48',
    ]);
    expect(ask(KERNEL_QUERIES.igmp2)).toEqual(['a IP 192.0.2.1 > 239.1.2.3: igmp v2 report 239.1.2.3']);
    a.nic.groups.leave(address('239.1.2.3'));
    expect(take()).toEqual(['a IP 192.0.2.1 > 224.0.0.2: igmp leave 239.1.2.3']);
    expect(b.nic.counters.malformed).toBe(0);
  });

  it('answer neighbours by their link-local addresses on the link where they are', () => {
    const hosts = twoHosts();
    const { a, b } = hosts;
    // The first interface of the one that answers leads elsewhere.
    const elsewhere = b.host.addInterface({ name: 'nic1', mac: 0x0200_0000_0b03, mtuBytes: 1500, vlan: undefined });
    b.host.addAddress(elsewhere, linkLocalOf(elsewhere.mac), 64);
    for (const { host, nic } of [a, b]) host.addAddress(nic, linkLocalOf(nic.mac), 64);
    expect(ping(hosts, 'fe80::ff:fe00:b02')).toMatch(/^from fe80::ff:fe00:b02: hop limit 64/);
    expect(elsewhere.counters.dropsOut).toBe(0);
  });

  it('learn a smaller MTU from a router, and cut packets to it (RFC 8201)', () => {
    const hosts = twoHosts();
    expect(hosts.a.host.pathMtus.learn(address('2001:db8::2'), 1300)).toBe(1300);
    // Less than any link carries is not believed.
    expect(hosts.a.host.pathMtus.learn(address('192.0.2.2'), 68)).toBe(552);
    expect(ping(hosts, '2001:db8::2', { dataBytes: 1400 })).toMatch(/^from/);
    expect(hosts.take().filter((line) => line.startsWith('a') && line.includes('frag'))).toHaveLength(2);
    hosts.clock.run(hosts.clock.now() + 700 * SECOND);
    expect(hosts.a.host.path(address('2001:db8::2'))!.mtuBytes).toBe(1500);
  });
});

describe('a host under attack', () => {
  it('keeps working through any bytes, with everything bounded', () => {
    const hosts = twoHosts();
    ping(hosts, '192.0.2.2');
    ping(hosts, '2001:db8::2', { dataBytes: 3000 });
    const real: Uint8Array[] = [];
    hosts.link.setTap({ handleSent: (_from, frame) => real.push(frame.slice()), handleDropped() {} });
    ping(hosts, '192.0.2.2', { dataBytes: 3000 });
    ping(hosts, '2001:db8::2', { dataBytes: 100 });
    const rng = seededRng(7);
    const { nic, host } = hosts.b;
    for (let count = 0; count < 50_000; count += 1) {
      const frame = real[rng.uint32() % real.length]!.slice(0, 14 + (rng.uint32() % 1600));
      for (let changes = rng.uint32() % 4; changes > 0; changes -= 1) frame[rng.uint32() % frame.length] = rng.uint32() & 0xff;
      nic.handleFrame(frame);
    }
    expect(host.reassembly.waitingBytes).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(nic.neighbors.list().length).toBeLessThanOrEqual(4096);
    expect(ping(hosts, '192.0.2.2')).toMatch(/^from 192\.0\.2\.2/);
    expect(ping(hosts, '2001:db8::2')).toMatch(/^from 2001:db8::2/);
  });

  it('remembers a bounded number of path MTUs, the latest', () => {
    const { pathMtus } = twoHosts().a.host;
    for (let index = 0; index < 2000; index += 1) pathMtus.learn(far(index), 1300);
    expect([0, 975, 976, 1999].map((index) => pathMtus.get(far(index)))).toEqual([undefined, undefined, 1300, 1300]);
  });

  it('answers no more errors than its limit', () => {
    const { clock, a, b } = twoHosts();
    const client = a.udp.open({ port: 0, onDatagram() {} })!;
    for (let count = 0; count < 1000; count += 1) client.send(address('192.0.2.2'), 9, new Uint8Array(8));
    clock.run(clock.now() + SECOND);
    expect(b.icmp.counters.icmpOutMsgs + b.icmp.counters.errorsWithheld).toBe(64);
    expect(b.icmp.counters.icmpOutMsgs).toBeLessThan(20);
  });
});
