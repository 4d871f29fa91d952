/** What is published leads from a host in the fabric's network to a node in it. */
import type { Host } from '../../../fabric/host-model.ts';
import { leadsTo } from '../../../fabric/network/leads-to.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Publication } from '../../../fabric/network/model.ts';
import { machinesOf, publishedAddress } from '../../../fabric/network/plan.ts';
import { isOwnAddress } from '../../../fabric/network/own-network.ts';
import type { Path } from '../../../fabric/problem.ts';
import { suggest } from '../../../fabric/suggest.ts';
import { formatIp } from '../../../wire/ip/address.ts';
import { fabricExample } from '../../example.ts';
import { nodesOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const example = (to: string): string =>
  fabricExample(`hosts:
  esx1:
    nics: { nic0: { addresses: [192.0.2.11/24] } }
    publish: 127.0.0.1:8080 -> ${to}:80
  esx2:
    nics: { nic0: { addresses: [192.0.2.12/24] } }
links:
  - [esx1:nic0, esx2:nic0]
`);

export const publication: Rule = {
  id: 'SW-1053',
  name: 'publication',
  severity: 'error',
  title: 'What is published leads nowhere',
  meaning: 'A connection to the real socket goes on from the host, over its own network, to an address there: it needs all of them.',
  remedy: 'Publish from a host with `nics`, to a host, an array or an address that it has a way to.',
  ignored: 'The real socket takes connections and closes them at once.',
  source: [OWN],
  examples: { fail: example('esx3'), pass: example('esx2') },
  check: (fabric) =>
    fabric.hosts.flatMap((host) =>
      host.publications.flatMap((one) => {
        const finding = leadsNowhere(fabric, host, one);
        return finding === undefined ? [] : [{ ...finding, restsOn: [...(finding.restsOn ?? []), ...placesOf(fabric, host, one)] }];
      }),
    ),
};

function placesOf(fabric: Fabric, host: Host, { to }: Publication): Path[] {
  const there = 'node' in to ? nodesOf(fabric).filter(({ name }) => name === to.node) : [];
  return [
    [...host.at, 'nics'],
    [...host.at, 'routes'],
    ...there.flatMap(({ at }) => [
      [...at, 'nics'],
      [...at, 'portals'],
    ]),
  ];
}

function leadsNowhere(fabric: Fabric, host: Host, { at, to, port }: Publication): Finding | undefined {
  if (host.machine.nics.length === 0)
    return {
      at,
      message: `\`${host.name}\` is not in the network of the fabric: it has no \`nics\`.`,
      remedy: 'Give it `nics`, or let another host publish this.',
    };
  if ('node' in to) {
    const machine = machinesOf(fabric).find(({ name }) => name === to.node);
    if (machine === undefined) return unknownNode(fabric, to.node, at);
    const array = fabric.arrays.find(({ name }) => name === to.node);
    const portals = array?.portals.filter(({ listen }) => isOwnAddress(array.machine, listen)) ?? [];
    const ports = [...new Set(portals.map(({ listen }) => listen.port))];
    if (array !== undefined && !ports.includes(port) && !ports.includes(0))
      return {
        at,
        message: `\`${to.node}\` has no portal on port ${port} in the network of the fabric.`,
        remedy: ports.length === 0 ? 'Let a portal listen on an address of its `nics`.' : `Write port ${ports.join(' or ')}.`,
        related: [{ at: array.at, message: 'the array' }],
      };
  }
  const address = 'node' in to ? publishedAddress(fabric, to.node, port) : to.address;
  if (address === undefined)
    return {
      at,
      message: `\`${'node' in to ? to.node : ''}\` has no address that is known beforehand.`,
      remedy: 'Give it one in `nics`, or write the address it will have.',
    };
  if (leadsTo(host.machine, address)) return undefined;
  return {
    at,
    message: `\`${host.name}\` has no address in the network of \`${formatIp(address)}\`, and no route there.`,
    remedy: 'Let a host publish this that has.',
  };
}

function unknownNode(fabric: Fabric, node: string, at: Path): Finding {
  if (fabric.switches.some(({ name }) => name === node))
    return { at, message: `\`${node}\` is a switch: it has no services.`, remedy: 'Write the name of a host or an array.' };
  const known = nodesOf(fabric).filter(({ kind }) => kind !== 'switch');
  const meant = suggest(
    node,
    known.map(({ name }) => name),
  );
  return {
    at,
    message: `There is no host or array \`${node}\`.`,
    remedy: meant === undefined ? 'Write the name of one that is declared, or an address.' : `Did you mean \`${meant}\`?`,
    restsOn: ['hosts', 'arrays'].map((section) => [section, node]),
  };
}
