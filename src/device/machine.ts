/** A host or an array as a machine on the wire: adapter ports, IP over them, and ICMP, UDP, TCP and DHCP above. Composition only. */
import type { DhcpClient } from '../inet/dhcp-client.ts';
import type { DhcpServer, DhcpServerSettings } from '../inet/dhcp-server.ts';
import { type HostServices, InetHost } from '../inet/host.ts';
import { Icmp } from '../inet/icmp.ts';
import type { InetInterface } from '../inet/interface.ts';
import { Pinger } from '../inet/ping.ts';
import { RouterAdvertiser } from '../inet/router-advertiser.ts';
import { RouterDiscovery } from '../inet/router-discovery.ts';
import type { TcpSettings } from '../inet/tcp/settings.ts';
import { TcpStack } from '../inet/tcp/stack.ts';
import { Udp } from '../inet/udp.ts';
import type { Mac } from '../wire/ethernet/mac.ts';
import { inPrefix, type IpAddress, isIpv4, linkLocalOf, prefixOf } from '../wire/ip/address.ts';
import { NetworkAdapter, type NetworkAdapterParts } from './network-adapter.ts';
import { dhcpClients, dhcpServers } from './dhcp-ends.ts';
import { Nic } from './nic.ts';

export interface MachineParts {
  readonly name: string;
  readonly nics: readonly NicParts[];
  /** Each with ports of its own. */
  readonly adapters?: readonly NetworkAdapterParts[];
  readonly routes: readonly { readonly to: Prefix; readonly via: IpAddress }[];
  readonly tcp: Partial<TcpSettings>;
}

export interface NicParts {
  readonly name: string;
  readonly mac: Mac;
  readonly interfaces: readonly InterfaceParts[];
}

export interface InterfaceParts {
  /** Undefined: frames without a tag. */
  readonly vlan: number | undefined;
  readonly mtuBytes: number;
  readonly addresses: readonly Prefix[];
  readonly dhcp: boolean;
  /** IPv6 addresses and routers come from router advertisements. */
  readonly autoconfigure: boolean;
  readonly dhcpServer: DhcpServerSettings | undefined;
  readonly advertise: readonly Prefix[];
}

export interface Prefix {
  readonly address: IpAddress;
  readonly bits: number;
}

export class Machine {
  readonly name: string;
  readonly host: InetHost;
  readonly icmp: Icmp;
  readonly udp: Udp;
  readonly tcp: TcpStack;
  readonly pinger: Pinger;
  readonly nics: readonly Nic[];
  readonly adapters: readonly NetworkAdapter[];
  readonly routerDiscoveries: ReadonlyMap<InetInterface, RouterDiscovery>;
  readonly routerAdvertisers: ReadonlyMap<InetInterface, RouterAdvertiser>;
  readonly dhcpClients: ReadonlyMap<InetInterface, DhcpClient>;
  readonly dhcpServers: ReadonlyMap<InetInterface, DhcpServer>;

  constructor(parts: MachineParts, services: HostServices) {
    this.name = parts.name;
    const host = new InetHost(parts.name, services);
    this.host = host;
    this.icmp = new Icmp(host);
    this.udp = new Udp(host, ({ frame, packetAt, end }) => packetAt !== -1 && this.icmp.portUnreachable(frame, packetAt, end));
    this.tcp = new TcpStack(host, parts.tcp);
    this.pinger = new Pinger(host, this.icmp);
    this.nics = parts.nics.map((nic) => new Nic(nic, host, (one, up) => this.#handleCarrier(one, up)));
    this.adapters = (parts.adapters ?? []).map((adapter) => {
      const nics = this.nics.filter(({ name }) => adapter.ports.includes(name));
      return new NetworkAdapter(adapter, nics, `${parts.name}/${adapter.name}`, services.events);
    });
    const placed = parts.nics.flatMap((nic, index) =>
      nic.interfaces.map((one, at) => ({ parts: one, on: this.nics[index]!.interfaces[at]! })),
    );
    for (const { parts: one, on } of placed) addAddresses(host, on, one);
    this.routerDiscoveries = new Map(
      placed.filter(({ parts: { autoconfigure } }) => autoconfigure).map(({ on }) => [on, new RouterDiscovery(host, on)]),
    );
    this.routerAdvertisers = new Map(
      placed.filter(({ parts: one }) => one.advertise.length > 0).map(({ parts: one, on }) => [on, advertiser(host, on, one)]),
    );
    for (const route of parts.routes) addRoute(host, route, placed);
    this.dhcpClients = dhcpClients(
      host,
      this.udp,
      placed.filter(({ parts: one }) => one.dhcp).map(({ on }) => on),
    );
    this.dhcpServers = dhcpServers(
      host,
      this.udp,
      placed.flatMap(({ parts: { dhcpServer }, on }) => (dhcpServer === undefined ? [] : [{ on, settings: dhcpServer }])),
    );
  }

  adapterOf(nic: Nic): NetworkAdapter | undefined {
    return this.adapters.find(({ nics }) => nics.includes(nic));
  }

  /** Without a wire there is nobody to ask; whoever asked in vain asks anew when there is one. */
  #handleCarrier(nic: Nic, up: boolean): void {
    this.adapterOf(nic)?.handleCarrier(nic, up);
    if (!up) return;
    for (const one of nic.interfaces) {
      const client = this.dhcpClients.get(one);
      if (client !== undefined && client.lease === undefined) client.start();
    }
  }

  /** Gives leases back and resets connections. */
  stop(): void {
    for (const adapter of this.adapters) adapter.stop();
    for (const client of this.dhcpClients.values()) client.stop();
    this.tcp.shutDown();
  }
}

function addAddresses(host: InetHost, on: InetInterface, { addresses, autoconfigure, advertise }: InterfaceParts): void {
  for (const { address, bits } of addresses) host.addAddress(on, address, bits);
  // RFC 4291 §2.1: an interface of IPv6 has a link-local address.
  const speaksIpv6 = autoconfigure || advertise.length > 0 || addresses.some(({ address }) => !isIpv4(address));
  if (speaksIpv6) host.addAddress(on, linkLocalOf(on.mac), 64);
}

/** RFC 4861 §6.2.1: prefixes are good for 30 days, and preferred for 7. */
const VALID_SECONDS = 30 * 86_400;
const PREFERRED_SECONDS = 7 * 86_400;

const advertiser = (host: InetHost, on: InetInterface, { advertise: prefixes, mtuBytes }: InterfaceParts): RouterAdvertiser =>
  new RouterAdvertiser(host, on, {
    prefixes: prefixes.map(({ address, bits }) => ({
      prefix: prefixOf(address, bits),
      bits,
      validSeconds: VALID_SECONDS,
      preferredSeconds: PREFERRED_SECONDS,
    })),
    mtuBytes,
  });

/** Out of the interface in whose network the router is; one whose addresses are yet to come is taken at its word. */
function addRoute(
  host: InetHost,
  { to, via }: MachineParts['routes'][number],
  placed: readonly { readonly parts: InterfaceParts; readonly on: InetInterface }[],
): void {
  const near = placed.find(({ parts }) =>
    parts.addresses.some(({ address, bits }) => address.length === via.length && inPrefix(via, address, bits)),
  );
  const later = placed.find(({ parts }) => (isIpv4(via) ? parts.dhcp : parts.autoconfigure));
  const out = (near ?? later ?? placed[0])?.on;
  if (out !== undefined) host.routes.add({ prefix: to.address, bits: to.bits, via, out, metric: 0 });
}
