/** An adapter has the ports of its model. */
import { portCount, portModes } from '../../../fabric/adapters/adapter-model.ts';
import { machinesOf } from '../../../fabric/network/plan.ts';
import { machineExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const example = (ports: string): string =>
  machineExample(`adapters:\n  slot1: { model: chelsio-t520-cr, ports: [${ports}] }\nnics: { nic0: {}, nic1: {}, nic2: {} }`);

export const adapterModelPorts: Rule = {
  id: 'SW-1043',
  name: 'adapter-model-ports',
  severity: 'error',
  title: 'An adapter lists a port that its model has not, or that is no Ethernet',
  meaning: 'Links carry Ethernet between ports that there are on the card.',
  remedy: 'List no more ports than the model has, or declare another adapter.',
  ignored: 'The port is missing on the day that the cable is plugged in.',
  source: [OWN],
  examples: { fail: example('nic0, nic1, nic2'), pass: example('nic0, nic1') },
  check: (fabric) =>
    machinesOf(fabric)
      .flatMap(({ machine }) => machine.adapters)
      .flatMap(({ model, ports }): Finding[] => {
        const most = portCount(model);
        return ports.flatMap(({ at, text }, index): Finding[] => {
          const modes = portModes(model, index);
          if (modes === undefined)
            return [
              {
                at,
                message: `\`${model.key}\` has ${most === 1 ? 'one port' : `${most} ports`}, and \`${text}\` would be number ${index + 1}.`,
                remedy: 'Declare another adapter for it.',
              },
            ];
          if (modes.some(({ kind }) => kind === 'ethernet')) return [];
          const kinds = modes.map(({ kind }) => (kind === 'infiniband' ? 'InfiniBand' : 'Fibre Channel')).join(' or ');
          return [{ at, message: `This port of \`${model.key}\` is ${kinds}, not Ethernet.`, remedy: 'Write another model.' }];
        });
      }),
};
