/** Hosts with a TCP each around one switch, in virtual time; the links are the same but for what they say themselves. */
import { seededRng } from '../../src/base/rng.ts';
import { InetHost } from '../../src/inet/host.ts';
import type { TcpSettings } from '../../src/inet/tcp/settings.ts';
import { TcpStack } from '../../src/inet/tcp/stack.ts';
import { Bridge } from '../../src/link/bridge.ts';
import { defaultLinkSettings, Link, type LinkSettings } from '../../src/runtime/link.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { address } from '../../src/wire/ip/address.ts';

export interface StarHost {
  readonly host: InetHost;
  readonly tcp: TcpStack;
  /** Its end 0 is the host's, end 1 the switch's. */
  readonly link: Link;
}

export interface Star {
  readonly clock: VirtualClock;
  readonly bridge: Bridge;
  readonly hosts: readonly StarHost[];
}

/** Host n has 192.0.2.n+1; everybody knows where everybody lives. */
export function star(count: number, tcp: Partial<TcpSettings>, settings: Partial<LinkSettings>): Star {
  const clock = new VirtualClock();
  const ports = Array.from({ length: count }, (_, index) => ({
    name: `${index + 1}`,
    vlans: { mode: 'access', vlan: 1 } as const,
    frameBytesMax: 1514,
    defaultPriority: 0,
  }));
  const bridge = new Bridge({ name: 'tor1', ports, addressesMax: 1000, ageingNanos: 300e9 }, { clock, events: () => {} });
  const hosts = ports.map((_, index) => {
    const host = new InetHost(`host${index}`, { clock, rng: seededRng(index + 1), events: () => {} });
    const nic = host.addInterface({ name: 'nic0', mac: 0x0200_0000_0100 + index, mtuBytes: 1500, vlan: undefined });
    host.addAddress(nic, address(`192.0.2.${index + 1}`), 24);
    const link = new Link(nic, bridge.ports[index]!, { ...defaultLinkSettings, ...settings }, { clock, rng: seededRng(index + 1000) });
    link.setUp(true);
    return { host, tcp: new TcpStack(host, tcp), link };
  });
  clock.run(1_000_000);
  return { clock, bridge, hosts };
}
