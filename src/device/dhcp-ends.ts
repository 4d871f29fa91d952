/** DHCP on the interfaces of a machine: leases that become addresses and routes, and servers that answer on theirs. */
import { DhcpClient, type Lease } from '../inet/dhcp-client.ts';
import { DhcpServer, type DhcpServerSettings } from '../inet/dhcp-server.ts';
import type { InetHost } from '../inet/host.ts';
import { HostPath } from '../inet/host-path.ts';
import type { InetInterface } from '../inet/interface.ts';
import type { Udp } from '../inet/udp.ts';
import { ANY_IPV4, BROADCAST_IPV4, formatIp, type IpAddress } from '../wire/ip/address.ts';
import { leaseLost, leaseTaken } from './events.ts';

const SERVER_PORT = 67;
const CLIENT_PORT = 68;
/** A route that was given stands behind those that were declared. */
const LEASED_METRIC = 100;

/** To everybody on the link of one interface, whatever the routes say. */
const toEverybody = (host: InetHost, out: InetInterface, from: IpAddress): HostPath =>
  new HostPath(host, out, from, BROADCAST_IPV4, BROADCAST_IPV4);

/** A client for each of these interfaces; none asks before it is started. */
export function dhcpClients(host: InetHost, udp: Udp, interfaces: readonly InetInterface[]): ReadonlyMap<InetInterface, DhcpClient> {
  const clients = new Map<InetInterface, DhcpClient>();
  if (interfaces.length === 0) return clients;
  const socket = udp.open({ port: CLIENT_PORT, onDatagram: ({ payload, from }) => clients.get(from)?.handleMessage(payload) })!;
  const { clock, rng } = host.services;
  for (const one of interfaces) {
    const send = (message: Uint8Array, to: IpAddress | undefined): void => {
      if (to === undefined) socket.sendOver(toEverybody(host, one, ANY_IPV4), SERVER_PORT, message);
      else socket.send(to, SERVER_PORT, message);
    };
    const settings = { mac: one.mac, hostName: host.name, vendorClass: undefined };
    clients.set(one, new DhcpClient(settings, { send, handleLease: leaseHolder(host, one) }, clock, rng));
  }
  return clients;
}

/** A lease is an address of the interface, and a default route if it comes with a router. */
function leaseHolder(host: InetHost, to: InetInterface): (lease: Lease | undefined) => void {
  const { events } = host.services;
  let held: Lease | undefined;
  return (lease) => {
    if (held !== undefined) {
      host.removeAddress(to, held.address);
      host.routes.remove(({ out, metric }) => out === to && metric === LEASED_METRIC);
      if (lease === undefined) leaseLost(events, host.name, { interface: to.name, address: formatIp(held.address) });
    }
    held = lease;
    if (lease === undefined) return;
    const { address, bits, router, server } = lease;
    host.addAddress(to, address, bits);
    if (router !== undefined) host.routes.add({ prefix: ANY_IPV4, bits: 0, via: router, out: to, metric: LEASED_METRIC });
    leaseTaken(events, host.name, { interface: to.name, address: `${formatIp(address)}/${bits}`, server: formatIp(server) });
  };
}

export interface DhcpServerPlace {
  readonly on: InetInterface;
  readonly settings: DhcpServerSettings;
}

/** Servers that answer what comes in at their interface. */
export function dhcpServers(host: InetHost, udp: Udp, places: readonly DhcpServerPlace[]): ReadonlyMap<InetInterface, DhcpServer> {
  const servers = new Map(places.map(({ on, settings }) => [on, new DhcpServer(settings, host.services.clock)]));
  if (places.length === 0) return servers;
  const socket = udp.open({
    port: SERVER_PORT,
    onDatagram: ({ payload, from }) => {
      const answer = servers.get(from)?.handleMessage(payload);
      if (answer === undefined) return;
      const { server } = places.find(({ on }) => on === from)!.settings;
      if (answer.to === undefined) socket.sendOver(toEverybody(host, from, server), CLIENT_PORT, answer.message);
      else socket.send(answer.to, CLIENT_PORT, answer.message);
    },
  })!;
  return servers;
}
