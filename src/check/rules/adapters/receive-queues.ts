/** Receive queues are as many as the adapter has, and used. */
import { CXL } from '../../../fabric/adapters/chelsio-driver.ts';
import { machinePortsOf, type MachinePort, placeOf } from '../../network.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE, DEMARTEK_GUIDE, WINOF_README } from '../../sources.ts';
import { slotExample } from './examples.ts';
import { cxlParameter, cxlSlotsOf, slotPortByNic } from '../../slots.ts';

const example = (queues: number): string =>
  slotExample('mellanox-connectx-en', [`offloads: { receiveScaling: true, receiveQueues: ${queues} }`]);

export const receiveQueues: Rule = {
  id: 'SW-1188',
  name: 'receive-queues',
  severity: 'warning',
  title: 'A port is to have receive queues that it has not, or does not use',
  meaning:
    'Receive side scaling spreads flows over the queues of a port. A model has a fixed number of them; without receive side scaling one is used.',
  remedy: 'Write `receiveQueues` within what the model has, and `receiveScaling: true`.',
  ignored: 'The driver takes fewer without saying so, and a processor is busy while others wait.',
  source: [WINOF_README, DEMARTEK_GUIDE, CHELSIO_GUIDE],
  examples: { fail: example(32), pass: example(16) },
  check: (fabric) => machinePortsOf(fabric).flatMap((port) => queueFindings(fabric, port)),
};

function queueFindings(fabric: Fabric, port: MachinePort): Finding[] {
  const { nic, machine } = port;
  const queues = nic.offloads?.receiveQueues;
  if (nic.offloads === undefined || queues === undefined) return [];
  const at = [...nic.offloads.at, 'receiveQueues'];
  const slot = slotPortByNic(fabric).get(nic)?.slot;
  const model = slot?.adapter.model;
  const most = model?.receiveQueuesPerPortMax;
  if (most !== undefined && queues > most)
    return [
      {
        at,
        message: `\`${placeOf(port)}\` is to have ${queues} receive queues, and a port of \`${model!.key}\` has ${most}.`,
        remedy: `Write \`receiveQueues: ${most}\` or less.`,
        related: [{ at: [...slot!.adapter.at, 'model'], message: 'the adapter' }],
      },
    ];
  if (queues > 1 && nic.offloads.receiveScaling === false)
    return [
      {
        at,
        message: `\`${placeOf(port)}\` has ${queues} receive queues, and receive side scaling, which fills them, is off.`,
        remedy: 'Write `receiveScaling: true`, or take `receiveQueues` out. On Windows: `Enable-NetAdapterRss`.',
        related: [{ at: [...nic.offloads.at, 'receiveScaling'], message: 'it is off here' }],
      },
    ];
  const said = cxlSlotsOf(fabric).has(machine) && model?.vendor === CXL.vendor ? cxlParameter(machine, 'rss_q') : undefined;
  if (said === undefined || Number(said.value) === queues) return [];
  return [
    {
      at,
      message: `\`${placeOf(port)}\` is to have ${queues} receive queues, and \`rss_q\` of its driver is ${said.value}.`,
      remedy: 'Write the same number in both.',
      related: [{ at: said.at, message: 'the parameter of the driver' }],
    },
  ];
}
