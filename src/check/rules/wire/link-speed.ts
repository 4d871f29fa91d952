/** Both ends of a link run at one speed. */
import type { Path } from '../../../fabric/problem.ts';
import { adapterPortSpeeds, commonSpeed, type PortSpeeds, switchPortSpeeds } from '../../../fabric/network/port-speeds.ts';
import { formatRate } from '../../../fabric/network/rate.ts';
import { fabricExample } from '../../example.ts';
import { type FabricPort, joinedPorts, placeOf, settingsPlace } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (speed: string): string =>
  fabricExample(
    `hosts:\n  esx1:\n    nics:\n      nic0: { speed: 10G }\nswitches:\n  tor1: { speed: ${speed} }\nlinks:\n  - [esx1:nic0, tor1:1]`,
  );

export const linkSpeed: Rule = {
  id: 'SW-1046',
  name: 'link-speed',
  severity: 'error',
  title: 'The ends of a link have no speed in common, or it is faster than they are',
  meaning: 'Such a link stays down.',
  remedy: 'Write a `speed` that both ports can run at, and no `rate` above it.',
  ignored: 'No link light at either end; or, with one end fixed and the other negotiating, a link that is up at one end only.',
  source: ['IEEE 802.3 clauses 28, 37 and 73'],
  examples: { fail: example('1G'), pass: example('25G') },
  check: (fabric) =>
    joinedPorts(fabric).flatMap(({ link, ends }): Finding[] => {
      const [one, other] = ends.map(speedsOf) as [PortSpeeds, PortSpeeds];
      const restsOn = ends.flatMap(speedPlaces);
      if (commonSpeed(one, other) === undefined)
        return [
          {
            at: link.at,
            message: `\`${placeOf(ends[0])}\` runs at ${speedsText(one)}, and \`${placeOf(ends[1])}\` at ${speedsText(other)}.`,
            remedy: 'Give one of them another `speed`, or lead the link to another port.',
            related: ends.map((end) => ({ at: end.kind === 'machine' ? end.nic.at : end.port.at, message: `\`${placeOf(end)}\`` })),
            restsOn,
          },
        ];
      const rate = link.rateBitsPerSecond;
      const slower = ends.find((end) => rate !== undefined && rate > speedsOf(end).most);
      if (rate === undefined || slower === undefined) return [];
      return [
        {
          at: [...link.at, 'rate'],
          message: `\`${placeOf(slower)}\` runs at ${speedsText(speedsOf(slower))}, not at ${formatRate(rate)}.`,
          remedy: 'Write a lower rate, or leave it out: then it is the most that both ports can do.',
          related: [{ at: slower.kind === 'machine' ? slower.nic.at : slower.port.at, message: `\`${placeOf(slower)}\`` }],
          restsOn,
        },
      ];
    }),
};

const speedsOf = (port: FabricPort): PortSpeeds =>
  port.kind === 'machine' ? adapterPortSpeeds(port.machine, port.nic) : switchPortSpeeds(port.port);

const speedPlaces = (port: FabricPort): Path[] =>
  port.kind === 'machine'
    ? [
        [...port.nic.at, 'speed'],
        [...port.machine.at, 'adapters'],
      ]
    : [settingsPlace(port), [...port.one.at, 'speed']];

const speedsText = ({ these, most }: PortSpeeds): string =>
  these === undefined ? `${formatRate(most)} at the most` : these.map(formatRate).join(' or ');
