/** A bridge of ours on the wall clock with a host of ours at its first port; the others are for what a test plugs in. */
import type { FabricEvent } from '../../src/base/event.ts';
import { SECOND } from '../../src/base/clock.ts';
import { seededRng } from '../../src/base/rng.ts';
import { InetHost } from '../../src/inet/host.ts';
import { Icmp } from '../../src/inet/icmp.ts';
import type { InetInterface } from '../../src/inet/interface.ts';
import { Pinger, type PingResult } from '../../src/inet/ping.ts';
import { Udp } from '../../src/inet/udp.ts';
import { Bridge, type BridgePort } from '../../src/link/bridge.ts';
import { ALL_VLANS, type PortVlanSettings } from '../../src/link/port-vlans.ts';
import { wallClock } from '../../src/os/wall-clock.ts';
import { defaultLinkSettings, Link } from '../../src/runtime/link.ts';
import { address } from '../../src/wire/ip/address.ts';

export interface SwitchedHost {
  readonly bridge: Bridge;
  /** Free ports. */
  readonly ports: readonly BridgePort[];
  readonly host: InetHost;
  readonly nic: InetInterface;
  readonly udp: Udp;
  readonly events: FabricEvent[];
  ping(destination: string, dataBytes: number): Promise<PingResult>;
  close(): void;
}

export interface SwitchedHostOptions {
  readonly addresses: readonly (readonly [text: string, bits: number])[];
  readonly ports?: number;
  readonly mtuBytes?: number;
  readonly vlan?: number;
  readonly mac?: number;
}

export const HOST_MAC = 0x0200_5e00_0001;

export function switchedHost(options: SwitchedHostOptions): SwitchedHost {
  const clock = wallClock({ unref: true });
  const events: FabricEvent[] = [];
  const sink = (event: FabricEvent): void => void events.push(event);
  const vlans: PortVlanSettings = { mode: 'trunk', native: 1, allowed: ALL_VLANS };
  const names = Array.from({ length: 1 + (options.ports ?? 1) }, (_, index) => `${index}`);
  const bridge = new Bridge(
    {
      name: 'tor1',
      ports: names.map((name) => ({ name, vlans, frameBytesMax: 9216, defaultPriority: 0 })),
      addressesMax: 1024,
      ageingNanos: 300 * SECOND,
    },
    { clock, events: sink },
  );
  const host = new InetHost('host1', { clock, rng: seededRng(1), events: sink });
  const nic = host.addInterface({ name: 'nic0', mac: options.mac ?? HOST_MAC, mtuBytes: options.mtuBytes ?? 1500, vlan: options.vlan });
  for (const [text, bits] of options.addresses) host.addAddress(nic, address(text), bits);
  const icmp = new Icmp(host);
  const udp = new Udp(host);
  const pinger = new Pinger(host, icmp);
  const link = new Link(nic, bridge.ports[0]!, defaultLinkSettings, { clock, rng: seededRng(2) });
  link.setUp(true);
  return {
    bridge,
    ports: bridge.ports.slice(1),
    host,
    nic,
    udp,
    events,
    ping: (destination, dataBytes) =>
      new Promise((resolve) => pinger.ping(address(destination), { dataBytes, timeoutNanos: 3 * SECOND }, resolve)),
    close: () => link.unplug(),
  };
}
