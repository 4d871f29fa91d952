/** The address of a boot agent is its own. */
import { memoized } from '../../../base/memoized.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import { addressKey, formatIp } from '../../../wire/ip/address.ts';
import { addressesOf, type StationAddress } from '../../addresses.ts';
import type { Finding, Rule } from '../../rule.ts';
import { machineExample } from '../../example.ts';
import { bootingOf, usesIp } from './booting.ts';

const example = (second: string): string =>
  machineExample(
    `nics:\n  nic0: { boot: { protocol: pxe, dhcp: false, address: 192.0.2.11/24 } }\n  nic1: { boot: { protocol: pxe, dhcp: false, address: ${second}/24 } }`,
  );

export const bootTwice: Rule = {
  id: 'SW-1204',
  name: 'boot-twice',
  severity: 'error',
  title: 'A boot agent has the address of another one, or of another machine',
  meaning:
    'Agents of two ports of one machine start one after the other and may both be up; those of two machines are both up whenever both start. Answers then reach now the one, now the other.',
  remedy: 'Give each agent an address of its own. The system may go on with it at the same port.',
  ignored: 'One machine boots, two do not: after a power failure, when all start at once, only some come up.',
  source: ['RFC 5227', 'RFC 826'],
  examples: { fail: example('192.0.2.11'), pass: example('192.0.2.12') },
  check(fabric) {
    const agents = new Map<string, { readonly at: Path; readonly place: string }>();
    return bootingOf(fabric).flatMap((booting): Finding[] => {
      const { boot, place, port } = booting;
      if (boot.address === undefined || boot.dhcp || !usesIp(booting)) return [];
      const at = [...boot.at, 'address'];
      const key = addressKey(boot.address.address);
      const station = stationsOf(fabric)
        .get(key)
        ?.find((one) => !isSuccessor(one, port.node));
      const other = agents.get(key) ?? (station === undefined ? undefined : { at: station.at, place: station.owner });
      if (!agents.has(key)) agents.set(key, { at, place });
      if (other === undefined) return [];
      return [
        {
          at,
          message: `\`${place}\` boots with ${formatIp(boot.address.address)}, which is the address of \`${other.place}\` already.`,
          remedy: 'Write another address.',
          related: [{ at: other.at, message: `\`${other.place}\`` }],
          restsOn: [[...boot.at, 'dhcp']],
        },
      ];
    });
  },
};

/** Who has which address once systems run. */
const stationsOf = memoized((fabric: Fabric): ReadonlyMap<string, readonly StationAddress[]> => {
  const stations = new Map<string, StationAddress[]>();
  for (const one of addressesOf(fabric)) {
    const key = addressKey(one.address);
    const list = stations.get(key);
    if (list === undefined) stations.set(key, [one]);
    else list.push(one);
  }
  return stations;
});

/** The machine itself, or an iSCSI adapter of it: they go on with the address of the agent. */
const isSuccessor = ({ station, kind }: StationAddress, node: string): boolean =>
  station === node || (kind === 'adapter' && station.startsWith(`${node}:`));
