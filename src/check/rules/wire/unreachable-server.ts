/** A host connects over the network it is in: that of the fabric, or that of the machine that Samewire runs on. */
import { formatAddress, ISCSI_PORT, isWildcard } from '../../../fabric/address.ts';
import { findServer } from '../../../fabric/find-server.ts';
import type { Adapter, Host, ServerReference } from '../../../fabric/host-model.ts';
import { isTold, leadsTo, networksOf } from '../../../fabric/network/leads-to.ts';
import type { Fabric, Portal, StorageArray } from '../../../fabric/model.ts';
import { isOwnAddress } from '../../../fabric/network/own-network.ts';
import type { Path } from '../../../fabric/problem.ts';
import { formatIp, inPrefix, isLoopback, parseAddress } from '../../../wire/ip/address.ts';
import { EXAMPLE_HOST, fabricExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { adaptersOf, serversOf } from '../../walk.ts';

const example = (portal: string): string =>
  fabricExample(`arrays:
  array1:
    nics: { eth0: { addresses: [192.0.2.20/24] } }
    portals: ["${portal}:3260"]
    targets:
      iqn.2026-01.net.example:disk1:
        luns: [{ store: memory, size: 64MiB }]
hosts:
  esx1:
    nics: { nic0: { addresses: [192.0.2.11/24] } }
    iscsi:
      vmhba64: { initiator: ${EXAMPLE_HOST}, discovery: [array1] }
switches:
  tor1: {}
links:
  - [esx1:nic0, tor1:1]
  - [array1:eth0, tor1:2]
`);

export const unreachableServer: Rule = {
  id: 'SW-1052',
  name: 'unreachable-server',
  severity: 'error',
  title: 'A host refers to a server that it has no way to',
  meaning:
    'A host with `nics` is in the network of the fabric, and in no other; one without them uses the network of the machine that Samewire runs on. What is in the other network it never reaches.',
  remedy: 'Let host and portal be in the same network, by `nics` and by addresses.',
  ignored: 'Each connection times out, and the host comes up without its disks.',
  source: ['RFC 1122 §3.3.1'],
  examples: { fail: example('127.0.0.1'), pass: example('192.0.2.20') },
  check: (fabric) =>
    adaptersOf(fabric).flatMap(({ host, adapter }) => [
      ...foreignBinds(host, adapter),
      ...serversOf(adapter).flatMap((server) => {
        const finding = unreachable(fabric, host, adapter, server);
        return finding === undefined ? [] : [{ ...finding, restsOn: placesOf(fabric, host, adapter, server) }];
      }),
    ]),
};

function foreignBinds({ name, machine }: Host, { at, bind }: Adapter): Finding[] {
  if (machine.nics.length === 0) return [];
  return [bind?.ipv4, bind?.ipv6]
    .filter((text) => text !== undefined)
    .filter((text) => {
      const address = parseAddress(text);
      return address === undefined || !(isTold(machine, address) || networksOf(machine).some((own) => formatIp(own.address) === text));
    })
    .map((text) => ({
      at: [...at, 'bind'],
      message: `\`${text}\` is no address of \`${name}\`: nothing can be sent from there.`,
      remedy: 'Write an address of its `nics`, or leave `bind` out.',
      restsOn: ['nics', 'teams', 'virtualNics'].map((key) => [...machine.at, key]),
    }));
}

function placesOf(fabric: Fabric, { machine }: Host, adapter: Adapter, server: ServerReference): Path[] {
  const array = findServer(fabric, server)?.array;
  // An array that can't be read is taken for the name of a machine.
  const written = server.text.split('/')[0]!;
  const there =
    array === undefined
      ? [['arrays', written]]
      : [
          [...array.at, 'nics'],
          [...array.at, 'portals'],
        ];
  const here = ['nics', 'teams', 'virtualNics', 'routes'].map((key) => [...machine.at, key]);
  return [...here, [...adapter.at, 'kind'], [...adapter.at, 'address'], ...there];
}

function unreachable(fabric: Fabric, host: Host, adapter: Adapter, server: ServerReference): Finding | undefined {
  const found = findServer(fabric, server);
  // An address that is only announced may lead to the portal from anywhere.
  const meant = found !== undefined && (server.kind === 'array' || server.address.host === found.portal.listen.host) ? found : undefined;
  const { at } = server;
  if (meant !== undefined) {
    const own = isOwnAddress(meant.array.machine, meant.portal.listen);
    const related = [{ at: meant.portal.at, message: 'the portal' }];
    if (own && host.machine.nics.length === 0)
      return {
        at,
        message: `\`${server.text}\` is in the network of the fabric, and \`${host.name}\` is not: it has no \`nics\`.`,
        remedy: otherPortal(meant.array, false) ?? `Give \`${host.name}\` \`nics\` and a link, or write the address of a \`publish\`.`,
        related,
      };
    if (!own && host.machine.nics.length > 0)
      return {
        at,
        message: `\`${host.name}\` is in the network of the fabric, and \`${server.text}\` listens on the machine that Samewire runs on.`,
        remedy: otherPortal(meant.array, true) ?? `Let a portal of \`${meant.array.name}\` listen on an address of its own \`nics\`.`,
        related,
      };
    if (own && isWildcard(meant.portal.listen)) {
      const first = networksOf(meant.array.machine)[0];
      const remedy =
        first === undefined
          ? `Give \`${meant.array.name}\` an address in \`nics\`.`
          : `Write \`${formatAddress(formatIp(first.address), meant.portal.listen.port === 0 ? ISCSI_PORT : meant.portal.listen.port)}\`.`;
      return { at, message: `\`${server.text}\` listens on every address of the array: it is not said which is meant.`, remedy, related };
    }
  }
  if (host.machine.nics.length === 0) return undefined;
  const address = meant?.portal.listen ?? (server.kind === 'address' ? server.address : undefined);
  return address === undefined ? undefined : noWay(host, adapter, server, address.host, address.family === 'name');
}

function noWay(host: Host, adapter: Adapter, { at, text }: ServerReference, written: string, isName: boolean): Finding | undefined {
  if (isName)
    return {
      at,
      message: `\`${text}\` is a name, and there is no name server in the network of the fabric.`,
      remedy: 'Write an address, or the name of an array.',
    };
  const address = parseAddress(written.replace(/%.*$/, ''));
  if (address === undefined) return undefined;
  if (isLoopback(address))
    return { at, message: `\`${text}\` is \`${host.name}\` itself, and nothing listens there.`, remedy: 'Write the address of an array.' };
  // An adapter in hardware has the network of its own address, and no routes of the system.
  const own = adapter.kind === 'independent' ? adapter.address : undefined;
  if (own !== undefined) {
    if (inPrefix(address, own.address, own.bits)) return undefined;
    return {
      at,
      message: `\`${host.name}:${adapter.name}\` has its own address, which is not in the network of \`${written}\`.`,
      remedy: 'Give the adapter an address of that network.',
      related: [{ at: own.at, message: 'its address' }],
    };
  }
  if (leadsTo(host.machine, address)) return undefined;
  return {
    at,
    message: `\`${host.name}\` has no address in the network of \`${written}\`, and no route there.`,
    remedy: 'Add an address of that network to `nics`, or a route.',
    related: [{ at: [...host.machine.at, 'nics'], message: 'its network' }],
  };
}

/** How to write a portal of the array that is inside of the fabric's network, or outside. */
function otherPortal(array: StorageArray, inside: boolean): string | undefined {
  const portal = array.portals.find(({ listen }) => isOwnAddress(array.machine, listen) === inside && !isWildcard(listen));
  return portal === undefined ? undefined : `Write \`${written(array, portal)}\`.`;
}

const written = (array: StorageArray, { name, listen }: Portal): string =>
  name === undefined ? formatAddress(listen.host, listen.port) : `${array.name}/${name}`;
