/** Members of a partition hear one another where one of each pair is a full one. */
import type { Finding, Rule } from '../../rule.ts';
import { subnetExample } from './examples.ts';
import { limitedPairs } from './limited-pairs.ts';
import { DEFAULT_PARTITION, FULL_MEMBER, ipoibGroups, keysOf, keyText, partitionOf, type Subnet, subnetsOf } from './subnets.ts';

const example = (key: string): string =>
  subnetExample('pkeys: ["0x0001"], ipoib: { addresses: [192.0.2.11/24] }', `pkeys: ["${key}"], ipoib: { addresses: [192.0.2.12/24] }`);

export const partitionMembers: Rule = {
  id: 'SW-1217',
  name: 'partition-members',
  severity: 'error',
  title: 'Limited members of a partition are to talk to one another, or the partition is not there',
  meaning:
    'A key with its highest bit (0x8000) is that of a full member, which hears all; limited members hear full ones only. A partition is there where the subnet manager has it.',
  remedy: 'Write the key of at least one station, the server, with 0x8000, and list the partition at the subnet manager.',
  ignored: 'All ports are active, and no packet arrives: adapters count P_Key violations.',
  source: ['IBTA 1.x §10.9', 'OpenSM, partition configuration'],
  examples: { fail: example('0x0001'), pass: example('0x8001') },
  check: (fabric) => [
    ...subnetsOf(fabric).flatMap((subnet) => [...limitedFindings(subnet), ...missingFindings(subnet)]),
    ...limitedPairs(fabric),
  ],
};

const limitedFindings = (subnet: Subnet): Finding[] =>
  [...ipoibGroups(subnet)].flatMap(([partition, stations]): Finding[] => {
    const isFull = stations.some(({ infiniband }) => keysOf(infiniband).includes(partition | FULL_MEMBER));
    if (stations.length < 2 || isFull) return [];
    const [first, second] = stations as [(typeof stations)[0], (typeof stations)[0]];
    return [
      {
        at: [...first.infiniband.at, 'pkeys'],
        message: `\`${first.place}\`, \`${second.place}\`${stations.length > 2 ? ` and ${stations.length - 2} more` : ''} are limited members of partition ${keyText(partition)}, and none is a full one.`,
        remedy: `Write ${keyText(partition | FULL_MEMBER)} at those that the others talk to.`,
        related: stations.slice(1, 5).map((one) => ({ at: [...one.infiniband.at, 'pkeys'], message: `\`${one.place}\`` })),
        restsOn: stations.map(({ nic }) => nic.at),
      },
    ];
  });

/** Where a manager lists partitions, it makes those, and the default one. */
function missingFindings({ stations, managers }: Subnet): Finding[] {
  const lists = managers.filter(({ manager }) => manager.partitions.length > 0);
  const first = lists[0];
  if (first === undefined) return [];
  const known = new Set([DEFAULT_PARTITION, ...lists.flatMap(({ manager }) => manager.partitions.map(({ key }) => partitionOf(key)))]);
  return stations.flatMap(({ place, infiniband }) =>
    (infiniband.pkeys ?? [])
      .filter((key) => !known.has(partitionOf(key)))
      .map((key) => ({
        at: [...infiniband.at, 'pkeys'],
        message: `\`${place}\` is to be in partition ${keyText(partitionOf(key))}, and the subnet manager at \`${first.place}\` has none with that key.`,
        remedy: `Add ${keyText(key)} to \`partitions\` of the subnet manager.`,
        related: [{ at: [...first.manager.at, 'partitions'], message: 'its partitions' }],
        restsOn: lists.map(({ manager }) => [...manager.at, 'partitions']),
      })),
  );
}
