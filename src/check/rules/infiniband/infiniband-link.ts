/** A cable has InfiniBand at both ends, or Ethernet. */
import { fabricExample } from '../../example.ts';
import { type FabricPort, joinedPorts, placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import type { Path } from '../../../fabric/problem.ts';
import { WINOF_README } from '../../sources.ts';
import { kindOf } from './subnets.ts';

const example = (kind: string): string =>
  fabricExample(`hosts:
  lin1:
    nics:
      ib0: { portType: infiniband }
switches:
  ib1: { kind: ${kind}, ${kind === 'infiniband' ? 'subnetManager: {}' : ''} }
links:
  - [lin1:ib0, ib1:1]`);

export const infinibandLink: Rule = {
  id: 'SW-1208',
  name: 'infiniband-link',
  severity: 'error',
  title: 'A link has InfiniBand at one end and Ethernet at the other',
  meaning: 'Both use the same cables and speak different languages on them. A port that can be both has to be set to one, or to sense it.',
  remedy: 'Write the same at both ends: `portType` of the adapter port, `kind` of the switch.',
  ignored: 'The cable fits, and no link comes up.',
  source: [WINOF_README, 'NVIDIA WinOF documentation, Port Configuration'],
  examples: { fail: example('ethernet'), pass: example('infiniband') },
  check: (fabric) =>
    joinedPorts(fabric).flatMap(({ link, ends }): Finding[] => {
      const [one, other] = ends.map(kindOf);
      if (one === undefined || other === undefined || one === other) return [];
      const named = ends.map((end) => `\`${placeOf(end)}\` is ${kindOf(end) === 'infiniband' ? 'InfiniBand' : 'Ethernet'}`);
      const wrong = ends.find((end) => end.kind === 'switch' && end.one.kind === 'infiniband') ?? ends.find((end) => end.kind === 'switch');
      return [
        {
          at: link.at,
          message: `${named[0]}, and ${named[1]}.`,
          remedy: 'Set `portType` of the adapter port to what the switch is, or lead the link to another switch.',
          related: ends.map((end) => ({ at: placeOfKind(end), message: `\`${placeOf(end)}\`` })),
          restsOn: ends.map(kindPlace),
          // A switch of the wrong kind is wrong for all its links.
          ...(wrong?.kind === 'switch' ? { cause: wrong.one.at } : {}),
        },
      ];
    }),
};

const placeOfKind = (end: FabricPort): Path => (end.kind === 'switch' ? end.one.at : end.nic.at);

const kindPlace = (end: FabricPort): Path => (end.kind === 'switch' ? [...end.one.at, 'kind'] : [...end.nic.at, 'portType']);
