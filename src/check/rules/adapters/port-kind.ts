/** A port is what its model lets it be. */
import { portModes } from '../../../fabric/adapters/adapter-model.ts';
import type { Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { slotExample } from './examples.ts';
import { slotsOf } from '../../slots.ts';

const example = (model: string): string => slotExample(model, ['portType: infiniband']);

export const portKind: Rule = {
  id: 'SW-1191',
  name: 'port-kind',
  severity: 'error',
  title: 'A port is to be InfiniBand, and its adapter is Ethernet only',
  meaning: 'Only some models have ports that can be both (VPI). The EN models of the same chips are Ethernet, whatever the driver is told.',
  remedy: 'Write `portType: ethernet`, or a model with InfiniBand.',
  ignored: 'The driver has no such choice for the port, and no link comes up at an InfiniBand switch.',
  source: [WINOF_README, 'Product briefs of the models'],
  examples: { fail: example('mellanox-connectx-en'), pass: example('mellanox-connectx-qdr') },
  check: (fabric) =>
    slotsOf(fabric).flatMap(({ node, adapter, ports }) =>
      ports.flatMap(({ nic, index }) => {
        const modes = portModes(adapter.model, index);
        if (nic.portType !== 'infiniband' || modes === undefined || modes.some(({ kind }) => kind === 'infiniband')) return [];
        return [
          {
            at: [...nic.at, 'portType'],
            message: `\`${node}:${nic.name}\` is to be InfiniBand, and \`${adapter.model.key}\` has no such port.`,
            remedy: 'Write `portType: ethernet`, or a model with InfiniBand.',
            related: [{ at: [...adapter.at, 'model'], message: 'the adapter' }],
          },
        ];
      }),
    ),
};
