/**
 * `attach:` of a fabric file: what of the world a port is plugged into, and what a person types there. `{qemu: ./vm1.sock}`, `{tap: sw0}`,
 * `{interface: veth0}`, `{tunnel: {remote: 192.0.2.7, network: 42}}`.
 */
import type { Port } from '../../base/port.ts';
import { formatMac, type Mac } from '../../wire/ethernet/mac.ts';
import { ANY_IPV4, ANY_IPV6, formatIp, type IpAddress, isIpv4 } from '../../wire/ip/address.ts';
import { VXLAN_PORT } from '../../wire/ip/vxlan.ts';
import type { Attachment, AttachmentServices } from './attachment.ts';
import { attachQemuDatagrams, attachTunnel } from './datagram-port.ts';
import type { DatagramAddress } from './datagrams.ts';
import { attachInterface } from './packet-socket.ts';
import { connectQemuStream, serveQemuStream, type StreamAddress } from './qemu-stream.ts';
import { attachTap } from './tap.ts';

export type AttachSettings =
  | { readonly kind: 'qemu'; readonly address: StreamAddress }
  /** The machine listens. */
  | { readonly kind: 'qemu-listening'; readonly address: StreamAddress }
  | { readonly kind: 'qemu-datagrams'; readonly local: DatagramAddress; readonly remote: DatagramAddress }
  | { readonly kind: 'tap'; readonly name: string }
  | { readonly kind: 'interface'; readonly name: string }
  | {
      readonly kind: 'tunnel';
      readonly remote: IpAddress;
      /** VXLAN network identifier. */
      readonly network: number;
      /** Undefined: every address of this machine. */
      readonly local?: IpAddress | undefined;
      /** At both ends; undefined: 4789. */
      readonly port?: number | undefined;
    };

export interface Attached {
  readonly attachment: Attachment;
  close(): Promise<void>;
}

/** Plugs it in. Rejects with an Error of a few clear sentences. */
export async function attach(port: Port, settings: AttachSettings, services: AttachmentServices): Promise<Attached> {
  if (settings.kind === 'qemu') {
    const server = await serveQemuStream([port], settings, services);
    return { attachment: server.attachments[0]!, close: () => server.close() };
  }
  const attachment = await plugIn(port, settings, services);
  return { attachment, close: () => Promise.resolve(attachment.close()) };
}

async function plugIn(port: Port, settings: Exclude<AttachSettings, { kind: 'qemu' }>, services: AttachmentServices): Promise<Attachment> {
  switch (settings.kind) {
    case 'qemu-listening':
      return connectQemuStream(port, settings, services);
    case 'tap':
      return attachTap(port, settings.name, services);
    case 'interface':
      return attachInterface(port, settings.name, services);
    case 'qemu-datagrams':
      return await attachQemuDatagrams(port, settings, services);
    case 'tunnel': {
      const { remote, network, port: udpPort = VXLAN_PORT } = settings;
      const local = settings.local ?? (isIpv4(remote) ? ANY_IPV4 : ANY_IPV6);
      return await attachTunnel(
        port,
        { network, local: { address: local, port: udpPort }, remote: { address: remote, port: udpPort } },
        services,
      );
    }
  }
}

export interface AttachHintOptions {
  /** Names the network device in QEMU's arguments. */
  readonly id?: string;
  /** The machine's address; two machines of QEMU have the same one unless they are told. */
  readonly mac?: Mac;
}

/** What to type at the other end, line by line: QEMU's arguments, or commands of `ip`. */
export function attachHints(settings: AttachSettings, options: AttachHintOptions = {}): readonly string[] {
  const { id = 'net0', mac } = options;
  const device = `-device virtio-net-pci,netdev=${id}${mac === undefined ? '' : `,mac=${formatMac(mac)}`}`;
  switch (settings.kind) {
    case 'qemu':
    case 'qemu-listening': {
      const server = settings.kind === 'qemu' ? 'off' : 'on';
      return [`-netdev stream,id=${id},server=${server},${qemuStreamAddress(settings.address)} ${device}`];
    }
    case 'qemu-datagrams': {
      // What is local to us is remote to the machine.
      const { local, remote } = settings;
      return [`-netdev dgram,id=${id},${qemuDatagramAddress('local', remote)},${qemuDatagramAddress('remote', local)} ${device}`];
    }
    case 'tap':
      return [`ip link set dev ${settings.name} up`, `ip address add <address>/<bits> dev ${settings.name}`];
    case 'interface':
      // The cable's other end: what the system itself would say at ours is not wanted.
      return [`ip link set dev ${settings.name} addrgenmode none`, `ip link set dev ${settings.name} up promisc on`];
    case 'tunnel': {
      const { network, port = VXLAN_PORT, local } = settings;
      const remote = local === undefined ? '<address of this machine>' : formatIp(local);
      return [
        // Room for the outer headers (RFC 7348 §4.3): what is larger does not get through a network of 1500.
        `ip link add vxlan${network} mtu ${isIpv4(settings.remote) ? 1450 : 1430} type vxlan id ${network} remote ${remote} dstport ${port}`,
        `ip link set dev vxlan${network} up`,
        `ip address add <address>/<bits> dev vxlan${network}`,
      ];
    }
  }
}

/** QEMU's options are parted by commas; a comma in a value is written twice. */
const quoted = (value: string): string => value.replaceAll(',', ',,');

const qemuStreamAddress = (address: StreamAddress): string =>
  'path' in address
    ? `addr.type=unix,addr.path=${quoted(address.path)}`
    : `addr.type=inet,addr.host=${quoted(address.host)},addr.port=${address.port}`;

const qemuDatagramAddress = (end: 'local' | 'remote', address: DatagramAddress): string =>
  'path' in address
    ? `${end}.type=unix,${end}.path=${quoted(address.path)}`
    : `${end}.type=inet,${end}.host=${formatIp(address.address)},${end}.port=${address.port}`;
