/** The partitions of a port share it. */
import type { Nic } from '../../../fabric/network/model.ts';
import { machinePortsOf, placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { slotExample } from './examples.ts';

const example = (second: number): string =>
  slotExample('marvell-57810', [`partitions: [{ name: lan, min: 60, max: 100 }, { name: storage, min: ${second}, max: 100 }]`]);

export const partitionSums: Rule = {
  id: 'SW-1186',
  name: 'partition-sums',
  severity: 'error',
  title: 'The shares of the partitions of a port do not add up',
  meaning:
    'The minimum shares of all partitions of a port add up to 100 percent, or are all 0: then all share alike. No maximum is below its minimum, and pause frames stop the whole port, not one partition.',
  remedy: 'Let `min` add up to 100, write a `max` that is not below it, and the same `flowControl` in all.',
  ignored: 'The setup of the adapter refuses the values or changes the last of them, and a partition has less than was promised.',
  source: [
    'QLogic BCM57xx and BCM57xxx User’s Guide BC0054508-00, NIC Partitioning and Bandwidth Management',
    'Intel Ethernet Adapters User Guide, NPAR bandwidth',
    'IEEE 802.3 Annex 31B',
  ],
  examples: { fail: example(60), pass: example(40) },
  check: (fabric) =>
    machinePortsOf(fabric).flatMap((port) =>
      // A partition that can't be read has a share too.
      shareFindings(placeOf(port), port.nic).map((finding) => ({ ...finding, restsOn: [[...port.nic.at, 'partitions']] })),
    ),
};

function shareFindings(place: string, { partitions, flowControl }: Nic): Finding[] {
  if (partitions === undefined || partitions.length === 0) return [];
  const findings: Finding[] = [];
  const sum = partitions.reduce((total, { min }) => total + min, 0);
  if (sum !== 0 && sum !== 100)
    findings.push({
      at: [...partitions.at(-1)!.at, 'min'],
      missingFrom: partitions.at(-1)!.at,
      message: `The minimum shares of the ${partitions.length} partitions of \`${place}\` add up to ${sum} percent.`,
      remedy: 'Let them add up to 100, or write 0 in all of them.',
      related: partitions.slice(0, -1).map(({ at, min }) => ({ at, message: `${min} percent` })),
    });
  for (const [index, { at, min, max }] of partitions.entries())
    if (max < min)
      findings.push({
        at: [...at, 'max'],
        message: `Partition ${index + 1} of \`${place}\` has ${min} percent at least and ${max} at the most.`,
        remedy: `Write \`max: ${min}\` or more.`,
        related: [{ at: [...at, 'min'], message: 'the minimum' }],
      });
  const pausing = partitions.filter((partition) => partition.flowControl !== undefined);
  const first = pausing[0];
  const said = flowControl ?? (first === undefined ? undefined : { value: first.flowControl, at: [...first.at, 'flowControl'] });
  for (const partition of pausing)
    if (partition.flowControl !== said!.value)
      findings.push({
        at: [...partition.at, 'flowControl'],
        message: `A partition of \`${place}\` has \`flowControl: ${partition.flowControl}\`, and \`${said!.value}\` is said for the same port.`,
        remedy: 'Write the same in all partitions of the port.',
        related: [{ at: said!.at, message: 'the other one' }],
      });
  return findings;
}
