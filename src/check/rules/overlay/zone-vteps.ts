/** Every host of a transport zone has a tunnel end, with an address. */
import { tunnelEndsOf, type TunnelEnd } from '../../overlay.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { overlayExample } from './examples.ts';

const example = (vteps2: string): string => overlayExample({ vteps2 });

export const zoneVteps: Rule = {
  id: 'SW-1102',
  name: 'zone-vteps',
  severity: 'error',
  title: 'A host of a transport zone has no tunnel end that works',
  meaning: 'Frames of a logical network travel between tunnel ends (VTEPs): an interface with an IP address, on each host of the zone.',
  remedy: 'Write the interface in `vteps` of the host, and give it an address or `dhcp: true`.',
  ignored: 'Guests on that host reach one another, and nobody on other hosts.',
  source: ['RFC 7348 §4', CHELSIO_GUIDE],
  examples: { fail: example('vteps: []'), pass: example('vteps: [p1]') },
  check(fabric) {
    const ends = tunnelEndsOf(fabric);
    const hosts = new Map(fabric.hosts.map((host) => [host.name, host]));
    const without = (fabric.vxlan?.zones ?? []).flatMap((zone) =>
      zone.hosts.flatMap(({ at, text }): Finding[] => {
        const host = hosts.get(text);
        if (host === undefined || ends.has(text)) return [];
        return [
          {
            at,
            message: `\`${text}\` is in the zone \`${zone.name}\`, and has no tunnel end.`,
            remedy: `Write \`vteps\` for \`${text}\`.`,
            related: [{ at: host.at, message: `\`${text}\`` }],
            restsOn: [[...host.machine.at, 'vteps']],
          },
        ];
      }),
    );
    return [...without, ...[...ends.values()].flatMap((list) => list.flatMap(broken))];
  },
};

function broken({ node, machine, reference, endpoint }: TunnelEnd): Finding[] {
  const { at, text } = reference;
  if (endpoint === undefined)
    return [
      {
        at,
        message: `\`${node}\` has no interface \`${text}\`.`,
        remedy: 'Write one of `nics`, `teams` or `virtualNics`; with a tag it is `p1.20`.',
        related: [{ at: machine.at, message: `\`${node}\`` }],
        restsOn: [
          [...machine.at, 'nics'],
          [...machine.at, 'teams'],
          [...machine.at, 'virtualNics'],
        ],
      },
    ];
  const { addresses, dhcp, autoconfigure } = endpoint.on;
  if (addresses.length > 0 || dhcp || autoconfigure) return [];
  return [
    {
      at,
      message: `\`${node}:${text}\` is a tunnel end, and has no address.`,
      remedy: 'Give it `addresses`, or `dhcp: true`.',
      related: [{ at: endpoint.at, message: 'the interface' }],
      restsOn: [endpoint.at],
    },
  ];
}
