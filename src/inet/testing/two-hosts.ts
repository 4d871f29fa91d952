/** Two hosts at the ends of one link, in virtual time, with addresses of both families. */
import { SECOND } from '../../base/clock.ts';
import type { FabricEvent } from '../../base/event.ts';
import { seededRng } from '../../base/rng.ts';
import { defaultLinkSettings, Link, type LinkSettings } from '../../runtime/link.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { describeFrame } from '../../wire/ip/describe.ts';
import { address } from '../../wire/ip/address.ts';
import { InetHost } from '../host.ts';
import { Icmp } from '../icmp.ts';
import type { InetInterface } from '../interface.ts';
import { Pinger } from '../ping.ts';
import { Udp } from '../udp.ts';

export interface TestHost {
  readonly host: InetHost;
  readonly nic: InetInterface;
  readonly icmp: Icmp;
  readonly udp: Udp;
  readonly pinger: Pinger;
}

export interface TwoHosts {
  readonly clock: VirtualClock;
  readonly link: Link;
  readonly a: TestHost;
  readonly b: TestHost;
  readonly events: FabricEvent[];
  /** What went over the link since the last time it was asked for, as tcpdump would say it. */
  take(): string[];
}

export const MAC_A = 0x0200_0000_0a01;
export const MAC_B = 0x0200_0000_0b02;

export interface TwoHostsOptions {
  readonly seed?: number;
  readonly link?: Partial<LinkSettings>;
  readonly mtuBytes?: number;
  readonly vlan?: number;
}

/** 192.0.2.1 and .2, 2001:db8::1 and ::2. */
export function twoHosts(options: TwoHostsOptions = {}): TwoHosts {
  const clock = new VirtualClock();
  const events: FabricEvent[] = [];
  const seed = options.seed ?? 1;
  const make = (name: string, mac: number, last: number): TestHost => {
    const host = new InetHost(name, { clock, rng: seededRng(seed * 2 + last), events: (event) => events.push(event) });
    const nic = host.addInterface({ name: 'nic0', mac, mtuBytes: options.mtuBytes ?? 1500, vlan: options.vlan });
    host.addAddress(nic, address(`192.0.2.${last}`), 24);
    host.addAddress(nic, address(`2001:db8::${last}`), 64);
    const icmp = new Icmp(host);
    const udp = new Udp(host, ({ frame, packetAt, end }) => {
      if (packetAt !== -1) icmp.portUnreachable(frame, packetAt, end);
    });
    return { host, nic, icmp, udp, pinger: new Pinger(host, icmp) };
  };
  const a = make('a', MAC_A, 1);
  const b = make('b', MAC_B, 2);
  const link = new Link(a.nic, b.nic, { ...defaultLinkSettings, ...options.link }, { clock, rng: seededRng(seed) });
  const lines: string[] = [];
  link.setTap({ handleSent: (from, frame) => lines.push(`${'ab'[from]} ${describeFrame(frame)}`), handleDropped() {} });
  link.setUp(true);
  // Groups are told of twice, within a second.
  clock.run(2 * SECOND);
  lines.length = 0;
  return { clock, link, a, b, events, take: () => lines.splice(0) };
}
