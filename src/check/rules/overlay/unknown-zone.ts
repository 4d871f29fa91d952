/** Zones, networks and hosts of an overlay are declared. */
import type { Fabric } from '../../../fabric/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import type { Reference } from '../../../fabric/virtual/model.ts';
import { suggest } from '../../../fabric/suggest.ts';
import { overlayMembersOf } from '../../overlay.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { overlayExample, UNICAST } from './examples.ts';

const example = (name: string): string =>
  overlayExample({ vxlan: UNICAST.replace('zone: zone1 } }', `zone: zone1 }, blue: { segment: 5002, zone: ${name} } }`) });

export const unknownZone: Rule = {
  id: 'SW-1101',
  name: 'unknown-zone',
  severity: 'error',
  title: 'An overlay names a zone, a host or a network that is not declared',
  meaning: 'A logical network is in a transport zone, a zone is made of hosts, and a guest is in a network, each by its name.',
  remedy: 'Write a name that is in `vxlan.zones`, `vxlan.networks` or `hosts`, or declare it.',
  ignored: 'The network reaches none of the hosts that were meant, and the guest starts without it.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example('zone2'), pass: example('zone1') },
  check: (fabric) => [...ofOverlay(fabric), ...ofGuests(fabric)],
};

function unknown({ at, text }: Reference, known: readonly string[], what: string, restsOn: Path): Finding[] {
  if (known.includes(text)) return [];
  const meant = suggest(text, known);
  return [
    {
      at,
      message: `There is no ${what} \`${text}\`.`,
      remedy: meant === undefined ? 'Declare it, or write one that is declared.' : `Did you mean \`${meant}\`?`,
      restsOn: [restsOn],
    },
  ];
}

function ofOverlay({ vxlan, hosts }: Fabric): Finding[] {
  if (vxlan === undefined) return [];
  const zones = vxlan.zones.map(({ name }) => name);
  const known = new Set(hosts.map(({ name }) => name));
  return [
    ...vxlan.networks.flatMap(({ zone }) => unknown(zone, zones, 'transport zone', [...vxlan.at, 'zones'])),
    ...vxlan.zones.flatMap((zone) =>
      zone.hosts.filter(({ text }) => !known.has(text)).flatMap((host) => unknown(host, [...known], 'host', ['hosts'])),
    ),
  ];
}

function ofGuests(fabric: Fabric): Finding[] {
  const known = (fabric.vxlan?.networks ?? []).map(({ name }) => name);
  return [...overlayMembersOf(fabric)]
    .filter(([name]) => !known.includes(name))
    .flatMap(([, members]) => members.flatMap(({ network }) => unknown(network, known, 'logical network', ['vxlan'])));
}
