/** An adapter has an interrupt vector for each of its queues. */
import { portsOfAdapter, shortVectors } from '../../../fabric/network/adapter-start.ts';
import type { Rule } from '../../rule.ts';
import { machineExample } from '../../example.ts';
import { slotsOf } from '../../slots.ts';
import { WINOF_README } from '../../sources.ts';

const example = (vectors: number): string =>
  machineExample(
    `adapters:\n  slot1: { model: mellanox-connectx-en, ports: [nic0, nic1], vectors: ${vectors} }\nnics:\n  nic0: { offloads: { receiveQueues: 8 } }\n  nic1: { offloads: { receiveQueues: 8 } }\n`,
  );

export const adapterVectors: Rule = {
  id: 'SW-1235',
  name: 'adapter-vectors',
  severity: 'warning',
  title: 'An adapter has fewer interrupt vectors than its queues need',
  meaning: 'The driver wants an MSI-X vector for each receive queue of each port, and one for what the adapter tells by itself.',
  remedy: 'Give the adapter as many vectors, or declare fewer receive queues.',
  ignored: 'Queues share vectors, or the driver does without MSI-X (event 2418 of `samewire up`): a processor is busy while others wait.',
  source: [WINOF_README, 'Linux driver mlx4, vectors that it asks for'],
  examples: { fail: example(8), pass: example(17) },
  check: (fabric) =>
    slotsOf(fabric).flatMap(({ node, machine, adapter }) => {
      const nics = portsOfAdapter(machine, adapter);
      const short = shortVectors(adapter, nics);
      if (short === undefined) return [];
      return [
        {
          at: [...adapter.at, 'vectors'],
          message: `\`${node}/${adapter.name}\` has ${short.given} vectors, and its ports want ${short.needed}.`,
          remedy: `Write \`vectors: ${short.needed}\`, or fewer \`receiveQueues\`.`,
          related: nics.flatMap((nic) =>
            nic?.offloads?.receiveQueues === undefined ? [] : [{ at: [...nic.offloads.at, 'receiveQueues'], message: 'queues' }],
          ),
        },
      ];
    }),
};
