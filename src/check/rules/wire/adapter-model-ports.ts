/** An adapter has the ports of its model. */
import { portCount, portModes } from '../../../fabric/adapters/adapter-model.ts';
import type { Machine, NetworkAdapter } from '../../../fabric/network/model.ts';
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
  title: 'An adapter lists a port that its model has not, or that is of another kind',
  meaning: 'Links lead between ports that there are on the card, and that are what is said of them: Ethernet, where nothing is.',
  remedy: 'List no more ports than the model has, or declare another adapter.',
  ignored: 'The port is missing on the day that the cable is plugged in.',
  source: [OWN],
  examples: { fail: example('nic0, nic1, nic2'), pass: example('nic0, nic1') },
  check: (fabric) => machinesOf(fabric).flatMap(({ machine }) => machine.adapters.flatMap((adapter) => portFindings(machine, adapter))),
};

function portFindings({ nics }: Machine, { model, ports }: NetworkAdapter): Finding[] {
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
    const nic = nics.find(({ name }) => name === text);
    const portType = nic?.portType ?? 'ethernet';
    if (modes.some(({ kind }) => kind === 'ethernet' || (kind === 'infiniband' && portType !== 'ethernet'))) return [];
    const isInfiniband = modes.some(({ kind }) => kind === 'infiniband');
    return [
      {
        at,
        message: `This port of \`${model.key}\` is ${isInfiniband ? 'InfiniBand' : 'Fibre Channel'}, not Ethernet.`,
        remedy: isInfiniband ? `Write \`portType: infiniband\` at \`${text}\`, or another model.` : 'Write another model.',
        ...(nic === undefined ? {} : { restsOn: [[...nic.at, 'portType']] }),
      },
    ];
  });
}
