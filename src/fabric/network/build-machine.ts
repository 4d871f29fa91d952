/** Machines on the wire, from the declaration as written to the model. */
import { parseMac } from '../../wire/ethernet/mac.ts';
import { findAdapterModel } from '../adapters/find.ts';
import { ISCSI_PORT, parseConnectAddress, parseListenAddress } from '../address.ts';
import { defaultMac } from './default-mac.ts';
import { parseDuration } from '../duration.ts';
import { parseInterfaceAddress, parseNetwork, parseUnicast } from './ip-prefix.ts';
import type { Attach, DhcpServerChoice, Machine, NetworkAdapter, Nic, NicInterface, Publication } from './model.ts';
import { accepted, isMistake } from '../parsed.ts';
import type { Path } from '../problem.ts';
import { parseRate } from './rate.ts';
import { type AttachDeclaration, isSocketPath } from '../schema/attach.ts';
import type { DhcpServerDeclaration, InterfaceDeclaration } from '../schema/interface.ts';
import type { MachineDeclaration, NicDeclaration } from '../schema/machine.ts';
import { type PublishDeclaration, splitPublication } from '../schema/publish.ts';
import { parseVlanKey } from './vlan-list.ts';

export interface MachineAround {
  readonly fabric: string;
  original(path: Path): Path;
}

export function buildMachine(name: string, declared: MachineDeclaration, path: Path, around: MachineAround): Machine {
  const { original } = around;
  const nics = Object.entries(declared.nics).map(([nic, one]) => buildNic(name, nic, one, [...path, 'nics', nic], around));
  return {
    at: original(path),
    nics,
    adapters: Object.entries(declared.adapters).map(([adapter, one]): NetworkAdapter => {
      const at = original([...path, 'adapters', adapter]);
      return {
        at,
        name: adapter,
        model: accepted(findAdapterModel(one.model)),
        ports: one.ports.map((text, index) => ({ at: [...at, 'ports', index], text })),
      };
    }),
    routes: declared.routes.map(({ to, via }, index) => ({
      at: original([...path, 'routes', index]),
      to: accepted(parseNetwork(to)),
      via: accepted(parseUnicast(via)),
    })),
    tcp: declared.tcp,
  };
}

function buildNic(node: string, name: string, declared: NicDeclaration, path: Path, around: MachineAround): Nic {
  // A VLAN that is none is a problem already; the others are looked at all the same.
  const vlans = Object.entries(declared.vlans).filter(([vlan]) => !isMistake(parseVlanKey(vlan)));
  return {
    at: around.original(path),
    name,
    mac: declared.mac === undefined ? defaultMac(around.fabric, node, name) : parseMac(declared.mac)!,
    mtuBytes: declared.mtu,
    rateBitsPerSecond: declared.speed === undefined ? undefined : accepted(parseRate(declared.speed)),
    interfaces: [
      buildInterface(undefined, declared, declared.mtu, path, around),
      ...vlans.map(([vlan, one]) => buildInterface(Number(vlan), one, one.mtu ?? declared.mtu, [...path, 'vlans', vlan], around)),
    ],
    attach: buildAttach(declared.attach, around.original([...path, 'attach'])),
  };
}

function buildInterface(
  vlan: number | undefined,
  declared: InterfaceDeclaration,
  mtuBytes: number,
  path: Path,
  { original }: MachineAround,
): NicInterface {
  return {
    at: original(path),
    vlan,
    mtuBytes,
    addresses: declared.addresses.map((text, index) => ({
      at: original([...path, 'addresses', index]),
      ...accepted(parseInterfaceAddress(text)),
    })),
    dhcp: declared.dhcp,
    autoconfigure: declared.autoconfigure,
    dhcpServer: declared.dhcpServer === undefined ? undefined : buildDhcpServer(declared.dhcpServer, original([...path, 'dhcpServer'])),
    advertise: (declared.advertise ?? []).map((text) => accepted(parseInterfaceAddress(text))),
  };
}

const buildDhcpServer = (declared: DhcpServerDeclaration, at: Path): DhcpServerChoice => ({
  at,
  first: accepted(parseUnicast(declared.first)),
  last: accepted(parseUnicast(declared.last)),
  leaseNanos: accepted(parseDuration(declared.lease)),
  router: declared.router === undefined ? undefined : accepted(parseUnicast(declared.router)),
  reservations: Object.entries(declared.reservations).flatMap(([text, address]) => {
    const mac = parseMac(text);
    return mac === undefined ? [] : [{ at: [...at, 'reservations', text], mac, address: accepted(parseUnicast(address)) }];
  }),
});

export function buildAttach(declared: AttachDeclaration | undefined, at: Path): Attach | undefined {
  if (declared === undefined) return undefined;
  const { qemu, tap, interface: name, tunnel } = declared;
  if (typeof qemu === 'string') return { at, kind: 'qemu', socket: socketText(qemu) };
  if (qemu !== undefined) return { at, kind: 'qemu-datagrams', local: socketText(qemu.local), remote: socketText(qemu.remote) };
  if (tap !== undefined) return { at, kind: 'tap', name: tap };
  if (name !== undefined) return { at, kind: 'interface', name };
  const { remote, network, local, port } = tunnel!;
  return {
    at,
    kind: 'tunnel',
    remote: accepted(parseUnicast(remote)),
    network,
    local: local === undefined ? undefined : accepted(parseUnicast(local)),
    port,
  };
}

/** An address in its canonical form, a path as it is. */
function socketText(written: string): string {
  if (isSocketPath(written)) return written;
  const { host, port } = accepted(parseConnectAddress(written));
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function buildPublications(declared: PublishDeclaration | undefined, at: Path): Publication[] {
  const texts = declared === undefined ? [] : typeof declared === 'string' ? [declared] : declared;
  return texts.map((text, index) => {
    const { listen, to, port } = splitPublication(text)!;
    const parsed = accepted(parseListenAddress(listen));
    return {
      at: typeof declared === 'string' ? at : [...at, index],
      text,
      listen: { host: parsed.host, port: parsed.port ?? ISCSI_PORT },
      to: 'node' in to ? to : { address: accepted(parseUnicast(to.address)) },
      port,
    };
  });
}
