/** A port has the partitions that its model makes. */
import type { Finding, Rule } from '../../rule.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { slotExample } from './examples.ts';
import { lacks } from './offload-model.ts';
import { type SlotPort, slotsOf } from '../../slots.ts';

const example = (count: number): string =>
  slotExample('marvell-57840', [`partitions: [${Array.from({ length: count }, (_, index) => `{ name: p${index}, min: 0 }`).join(', ')}]`]);

export const partitionModel: Rule = {
  id: 'SW-1185',
  name: 'partition-model',
  severity: 'error',
  title: 'A port has more partitions, or other ones, than its adapter makes',
  meaning:
    'An adapter has eight PCI functions for its partitions: four a port with two ports, two with four. Storage functions are there only where the chip has them.',
  remedy: 'Declare as many partitions as the model makes, with functions that it has.',
  ignored: 'The setup of the adapter offers no such partition; what was planned for it shares another one.',
  source: [`${MARVELL_GUIDE} (that the family has partitions)`, 'Linux drivers bnx2x, bnx2i and bnx2fc'],
  examples: { fail: example(4), pass: example(2) },
  check: (fabric) => slotsOf(fabric).flatMap(({ ports }) => ports.flatMap(partitionFindings)),
};

function partitionFindings({ nic, slot: { node, adapter, machine } }: SlotPort): Finding[] {
  const { partitions } = nic;
  if (partitions === undefined) return [];
  const { model } = adapter;
  const name = `\`${node}:${nic.name}\``;
  const related = [{ at: [...adapter.at, 'model'], message: 'the adapter' }];
  const most = model.partitions?.perPortMax;
  if (most !== undefined && partitions.length > most)
    return [
      {
        at: partitions[most]!.at,
        message: `${name} has ${partitions.length} partitions, and a port of \`${model.key}\` has ${most} at the most.`,
        remedy: `Declare ${most} or fewer.`,
        related,
      },
    ];
  return partitions.flatMap((partition, index) =>
    partition.functions
      .filter((use) => use !== 'ethernet' && lacks(model, machine, [use]))
      .map((use) => ({
        at: [...partition.at, 'functions'],
        message: `Partition ${index + 1} of ${name} is to do ${use === 'iscsi' ? 'iSCSI' : 'FCoE'}, and \`${model.key}\` does not.`,
        remedy: `Take \`${use}\` out, or use a model that does it.`,
        related,
      })),
  );
}
