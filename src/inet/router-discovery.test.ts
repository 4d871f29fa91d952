import { describe, expect, it } from 'vitest';
import { hex } from '../base/bytes.ts';
import { SECOND } from '../base/clock.ts';
import type { FabricEvent } from '../base/event.ts';
import { seededRng } from '../base/rng.ts';
import { defaultLinkSettings, Link } from '../runtime/link.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { address, formatIp, linkLocalOf } from '../wire/ip/address.ts';
import { describeFrame } from '../wire/ip/describe.ts';
import type { PrefixInformation, RouterAdvertisement } from '../wire/ip/neighbor.ts';
import { InetHost } from './host.ts';
import { Icmp } from './icmp.ts';
import { describePing, Pinger } from './ping.ts';
import { routerAdvertisement } from './resolution-frames.ts';
import { RouterAdvertiser } from './router-advertiser.ts';
import { RouterDiscovery } from './router-discovery.ts';

const HOST_MAC = 0x0200_0000_0a01;
const ROUTER_MAC = 0x0200_0000_0b02;
const ROUTER = linkLocalOf(ROUTER_MAC);
const HOST_ADDRESS = '2001:db8:1::ff:fe00:a01';
const DAY = 86_400;

const prefix = (text: string, more: Partial<PrefixInformation> = {}): PrefixInformation => ({
  prefix: address(text),
  bits: 64,
  onLink: true,
  autonomous: true,
  validSeconds: 30 * DAY,
  preferredSeconds: 7 * DAY,
  ...more,
});

/** A host that finds its addresses itself, and the interface of another that says what a test wants. */
function bench(seed = 1) {
  const clock = new VirtualClock();
  const events: FabricEvent[] = [];
  const make = (name: string, mac: number, draw: number) => {
    const host = new InetHost(name, { clock, rng: seededRng(seed * 2 + draw), events: (event) => events.push(event) });
    const nic = host.addInterface({ name: 'nic0', mac, mtuBytes: 1500, vlan: undefined });
    return { host, nic, icmp: new Icmp(host) };
  };
  const a = make('a', HOST_MAC, 0);
  const b = make('b', ROUTER_MAC, 1);
  const link = new Link(a.nic, b.nic, defaultLinkSettings, { clock, rng: seededRng(seed) });
  const lines: string[] = [];
  link.setTap({ handleSent: (from, frame) => lines.push(`${'ab'[from]} ${describeFrame(frame)}`), handleDropped() {} });
  const wait = (seconds: number): void => clock.run(clock.now() + seconds * SECOND);
  const advertise = (prefixes: readonly PrefixInformation[], more: Partial<RouterAdvertisement> = {}, mtu?: number): void => {
    const options = { sourceMac: ROUTER_MAC, targetMac: undefined, mtu, prefixes };
    const none = { hopLimit: 0, managed: false, other: false, reachableMilliseconds: 0, retransmitMilliseconds: 0 };
    b.nic.sendFrame(routerAdvertisement(b.nic, ROUTER, { ...none, lifetimeSeconds: 1800, options, ...more }));
    wait(3);
  };
  const take = (): string[] => lines.splice(0).filter((line) => !line.includes('listener report'));
  return { clock, events, a, b, link, wait, advertise, take };
}

/** The same with the host's link-local address in use and its questions asked. */
function settled(seed = 1) {
  const all = bench(seed);
  all.b.host.addAddress(all.b.nic, ROUTER, 64);
  const discovery = new RouterDiscovery(all.a.host, all.a.nic);
  all.link.setUp(true);
  all.wait(20);
  all.take();
  return { ...all, discovery };
}

describe('a host that configures itself', () => {
  it('asks about its link-local address, then for routers, three times', () => {
    const { a, link, wait, take } = bench();
    const discovery = new RouterDiscovery(a.host, a.nic);
    expect(take()).toEqual([]);
    link.setUp(true);
    wait(1);
    expect(a.nic.addresses).toEqual([]);
    wait(20);
    expect(a.nic.addresses.map((one) => formatIp(one.address))).toEqual(['fe80::ff:fe00:a01']);
    const solicitation = 'a IP6 fe80::ff:fe00:a01 > ff02::2: ICMP6, router solicitation, length 16';
    expect(take()).toEqual([
      'a IP6 :: > ff02::1:ff00:a01: ICMP6, neighbor solicitation, who has fe80::ff:fe00:a01, length 24',
      solicitation,
      solicitation,
      solicitation,
    ]);
    expect(discovery.counters).toMatchObject({ solicitations: 3, advertisements: 0 });
  });

  it('joins the group of an address once, tells of it from nobody at first, then from its link-local address, and never of leaving', () => {
    const { a, link, clock, wait } = bench();
    const reports: string[] = [];
    link.setTap({
      handleSent: (_from, frame) => {
        if (frame[20] === 0)
          reports.push(`${formatIp(frame.slice(22, 38))} ${hex(frame.subarray(66, 71))} ${formatIp(frame.slice(74, 90))}`);
      },
      handleDropped() {},
    });
    link.setUp(true);
    a.host.claimAddress(a.nic, linkLocalOf(HOST_MAC), 64);
    wait(10);
    const ours = 'ff02::1:ff00:a01';
    // One record, which changes to excluding no source: it is wanted from all.
    const expected = ['::', '::', 'fe80::ff:fe00:a01', 'fe80::ff:fe00:a01'].map((from) => `${from} 0000000104 ${ours}`);
    expect(new Set(reports)).toEqual(new Set(expected));
    expect(clock.pending).toBe(0);
  });

  it('takes an address of an advertised prefix, a default route, hop limit and MTU', () => {
    const { a, b, discovery, advertise, wait, take } = settled();
    b.host.addAddress(b.nic, address('2001:db8:1::1'), 64);
    advertise([prefix('2001:db8:1::')], { hopLimit: 33 }, 1400);
    expect([discovery.routers, discovery.addresses]).toEqual([['fe80::ff:fe00:b02'], [HOST_ADDRESS]]);
    expect(take().filter((line) => line.startsWith('a'))).toEqual([
      `a IP6 :: > ff02::1:ff00:a01: ICMP6, neighbor solicitation, who has ${HOST_ADDRESS}, length 24`,
    ]);
    const path = a.host.path(address('2001:db8:ffff::1'))!;
    expect([formatIp(path.source), path.mtuBytes]).toEqual([HOST_ADDRESS, 1400]);
    let said = '';
    new Pinger(b.host, b.icmp).ping(address(HOST_ADDRESS), {}, (result) => (said = describePing(result)));
    wait(3);
    expect(said).toMatch(new RegExp(`^from ${HOST_ADDRESS}: hop limit 33`));
  });

  it('does not use what somebody else has, or wants, and says so', () => {
    const { a, b, events, discovery, advertise } = settled();
    b.host.addAddress(b.nic, address(HOST_ADDRESS), 64);
    advertise([prefix('2001:db8:1::')]);
    expect([discovery.addresses, a.nic.owns(address(HOST_ADDRESS))]).toEqual([[], false]);
    expect(events.map(({ name }) => name)).toEqual(['inet-address-duplicate']);
    expect(events[0]!.message).toBe(`nic0: 02:00:00:00:0b:02 has the address ${HOST_ADDRESS} already; it is not used here`);
    // Two who want the same at once: neither gets it (RFC 4862 §5.4.3).
    const wanted = address('2001:db8:1::77');
    const got: string[] = [];
    a.host.claimAddress(a.nic, wanted, 64, () => got.push('a'));
    b.host.claimAddress(b.nic, wanted, 64, () => got.push('b'));
    advertise([]);
    expect(got.length).toBeLessThanOrEqual(1);
    expect(Number(a.nic.owns(wanted)) + Number(b.nic.owns(wanted))).toBe(got.length);
  });

  it('without a link-local address of its own asks for no router', () => {
    const { a, b, link, events, wait, take } = bench();
    const { counters } = new RouterDiscovery(a.host, a.nic);
    b.host.addAddress(b.nic, linkLocalOf(HOST_MAC), 64);
    link.setUp(true);
    wait(30);
    expect([a.nic.addresses, counters.solicitations]).toEqual([[], 0]);
    expect(events.map(({ id }) => id)).toEqual([1201]);
    expect(take().filter((line) => line.includes('router'))).toEqual([]);
  });

  it('forgets routers, prefixes and addresses whose time has come, and prefers those that last', () => {
    const { a, discovery, advertise, wait } = settled();
    const far = address('2001:db8:ffff::1');
    advertise([prefix('2001:db8:1::', { validSeconds: 600, preferredSeconds: 100 })]);
    advertise([prefix('2001:db8:2::', { validSeconds: 5000, preferredSeconds: 5000 })]);
    expect(formatIp(a.host.path(far)!.source)).toBe(HOST_ADDRESS);
    wait(101);
    expect(formatIp(a.host.path(far)!.source)).toBe('2001:db8:2::ff:fe00:a01');
    wait(500);
    expect(discovery.addresses).toEqual(['2001:db8:2::ff:fe00:a01']);
    expect(a.host.path(address('2001:db8:1::5'))).toBeDefined(); // by the router
    wait(1300);
    expect([discovery.routers, a.host.path(far)]).toEqual([[], undefined]);
    expect(a.host.path(address('2001:db8:2::5'))).toBeDefined(); // on the link
    wait(3200);
    expect([discovery.addresses, a.host.path(address('2001:db8:2::5')), a.nic.addresses.length]).toEqual([[], undefined, 1]);
    // A router that resigns is no router.
    advertise([]);
    expect(discovery.routers).toHaveLength(1);
    advertise([], { lifetimeSeconds: 0 });
    expect(discovery.routers).toEqual([]);
  });

  it('is not talked out of an address in less than two hours (RFC 4862 §5.5.3)', () => {
    const { discovery, advertise, wait } = settled();
    advertise([prefix('2001:db8:1::')]);
    advertise([prefix('2001:db8:1::', { validSeconds: 1, preferredSeconds: 1 })]);
    wait(7000);
    advertise([prefix('2001:db8:1::', { validSeconds: 0, preferredSeconds: 0 })]);
    expect(discovery.addresses).toEqual([HOST_ADDRESS]);
    wait(300);
    expect(discovery.addresses).toEqual([]);
  });

  it('makes no address of prefixes that are none to make one of', () => {
    const { a, discovery, advertise } = settled();
    advertise([
      prefix('fe80::'),
      prefix('2001:db8:1::', { bits: 48 }),
      prefix('2001:db8:2::', { preferredSeconds: 100, validSeconds: 99 }),
      prefix('2001:db8:3::', { validSeconds: 0, preferredSeconds: 0 }),
      prefix('2001:db8:4::', { autonomous: false }),
      prefix('2001:db8:5::', { onLink: false }),
    ]);
    expect(discovery.addresses).toEqual(['2001:db8:5::ff:fe00:a01']);
    const routes = a.host.routes.list().filter(({ via, bits }) => via === undefined && bits !== 64);
    expect(routes.map(({ prefix: to, bits }) => `${formatIp(to)}/${bits}`)).toEqual(['2001:db8:1::/48']);
    // Neither less than every link carries nor more than this one can (RFC 4861 §6.3.4).
    for (const mtu of [0, 1279, 1501]) advertise([], {}, mtu);
    expect(a.nic.mtuFor(address('2001:db8::1'))).toBe(1500);
  });

  it('keeps its addresses and asks again when the link was gone', () => {
    const { link, discovery, advertise, wait, take } = settled();
    advertise([prefix('2001:db8:1::')]);
    link.setUp(false);
    wait(60);
    take();
    link.setUp(true);
    wait(2);
    expect(discovery.addresses).toEqual([HOST_ADDRESS]);
    expect(take().filter((line) => line.includes('router solicitation'))).toHaveLength(1);
  });

  it('takes in a bounded number of routers and prefixes from a flood of advertisements, with one event', () => {
    const { clock, a, b, discovery, events } = settled();
    const before = clock.pending;
    const rng = seededRng(3);
    for (let count = 0; count < 5000; count += 1) {
      const source = rng.fill(address('fe80::'));
      source.set([0xfe, 0x80, 0, 0, 0, 0, 0, 0]);
      const made = prefix('2001:db8::');
      rng.fill(made.prefix.subarray(4, 8));
      const options = { sourceMac: ROUTER_MAC, targetMac: undefined, mtu: undefined, prefixes: [made] };
      const advertisement = {
        hopLimit: 0,
        managed: false,
        other: false,
        lifetimeSeconds: 9000,
        reachableMilliseconds: 0,
        retransmitMilliseconds: 0,
        options,
      };
      a.nic.handleFrame(routerAdvertisement(b.nic, source, advertisement));
    }
    clock.run(clock.now() + 10 * SECOND);
    expect([discovery.routers.length, discovery.addresses.length]).toEqual([8, 16]);
    expect(a.host.routes.list().length).toBeLessThan(30);
    expect(discovery.counters.refused).toBe(5000 * 3 - 8 - 16 - 16);
    expect(events.map(({ id }) => id)).toEqual([1204]);
    expect(clock.pending).toBeLessThanOrEqual(before + 5);
  });

  it('believes no advertisement from afar, and none that a router could not have sent', () => {
    const { a, b, discovery, wait } = settled();
    const options = { sourceMac: undefined, targetMac: undefined, mtu: undefined, prefixes: [prefix('2001:db8:1::')] };
    const advertisement = {
      hopLimit: 0,
      managed: false,
      other: false,
      lifetimeSeconds: 9000,
      reachableMilliseconds: 0,
      retransmitMilliseconds: 0,
      options,
    };
    const frame = routerAdvertisement(b.nic, ROUTER, advertisement);
    const nearly = frame.slice();
    nearly[14 + 7] = 254;
    a.nic.handleFrame(nearly);
    a.nic.handleFrame(routerAdvertisement(b.nic, address('2001:db8::1'), advertisement));
    expect(discovery.counters.advertisements).toBe(0);
    a.nic.handleFrame(frame);
    wait(3);
    expect([discovery.counters.advertisements, discovery.addresses]).toEqual([1, [HOST_ADDRESS]]);
  });
});

describe('RouterAdvertiser', () => {
  it('gives a host of ours an address within seconds, and speaks three times early, then seldom', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { a, b, link, wait, take, clock } = bench(seed);
      const discovery = new RouterDiscovery(a.host, a.nic);
      const made = { prefix: address('2001:db8:1::'), bits: 64, validSeconds: 30 * DAY, preferredSeconds: 7 * DAY };
      const advertiser = new RouterAdvertiser(b.host, b.nic, { prefixes: [made], mtuBytes: 1400 });
      link.setUp(true);
      wait(8);
      expect([discovery.addresses, discovery.routers, a.nic.mtuFor(address('2001:db8::1'))]).toEqual([[HOST_ADDRESS], [], 1400]);
      wait(60);
      const early = advertiser.sent;
      expect(early).toBeGreaterThanOrEqual(3);
      expect(early).toBeLessThanOrEqual(6);
      take();
      wait(6000);
      expect(advertiser.sent - early).toBeGreaterThanOrEqual(9);
      expect(advertiser.sent - early).toBeLessThanOrEqual(31);
      expect(discovery.addresses).toEqual([HOST_ADDRESS]);
      expect(take().filter((line) => line.includes('malformed'))).toEqual([]);
      expect(clock.pending).toBeLessThan(8);
    }
  });

  it('answers a flood of solicitations no more often than every three seconds', () => {
    const { a, b, link, wait } = bench();
    a.host.addAddress(a.nic, linkLocalOf(HOST_MAC), 64);
    const advertiser = new RouterAdvertiser(b.host, b.nic, { prefixes: [], mtuBytes: undefined });
    link.setUp(true);
    wait(100);
    const before = advertiser.sent;
    for (let count = 0; count < 3000; count += 1) {
      b.nic.routerParty!.handleSolicitation();
      wait(0.01);
    }
    expect(advertiser.sent - before).toBeLessThanOrEqual(11);
    expect(advertiser.sent - before).toBeGreaterThanOrEqual(8);
  });
});
