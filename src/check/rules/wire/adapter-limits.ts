/** A port does what its adapter can. */
import { adapterOf, nicSpeeds } from '../../../fabric/network/nic-speeds.ts';
import { formatRate } from '../../../fabric/network/rate.ts';
import { machineExample } from '../../example.ts';
import { type MachinePort, machinePortsOf, mtusOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (settings: string): string =>
  machineExample(`adapters:\n  slot1: { model: chelsio-t520-cr, ports: [nic0] }\nnics:\n  nic0: { ${settings} }`);

export const adapterLimits: Rule = {
  id: 'SW-1045',
  name: 'adapter-limits',
  severity: 'error',
  title: 'A port is set to a speed or a frame size that its adapter does not have',
  meaning: 'The model of the adapter says what its ports can do; nothing else would come up on a real one.',
  remedy: 'Write a speed of the model, an MTU up to its largest, or leave them out.',
  ignored: 'The driver refuses the setting and keeps its default: the link stays down, or long frames are dropped.',
  source: ['Product briefs of the models'],
  examples: { fail: example('speed: 25G'), pass: example('speed: 10G, mtu: 9600') },
  check: (fabric) => machinePortsOf(fabric).flatMap((port) => [...speedFindings(port), ...mtuFindings(port)]),
};

function speedFindings({ machine, nic }: MachinePort): Finding[] {
  const speeds = nicSpeeds(machine, nic);
  const rate = nic.rateBitsPerSecond;
  if (speeds === undefined || rate === undefined || speeds.includes(rate)) return [];
  const found = adapterOf(machine, nic)!.adapter;
  return [
    {
      at: [...nic.at, 'speed'],
      message: `\`${found.model.key}\` has no speed of ${formatRate(rate)}.`,
      remedy: `It runs at ${speeds.map(formatRate).join(', ')}.`,
      related: [{ at: [...found.at, 'model'], message: 'the adapter' }],
    },
  ];
}

function mtuFindings({ machine, nic }: MachinePort): Finding[] {
  const adapter = adapterOf(machine, nic)?.adapter;
  const most = adapter?.model.mtuMaxBytes;
  if (adapter === undefined || most === undefined) return [];
  return mtusOf(nic)
    .filter(({ mtuBytes }) => mtuBytes > most)
    .map(({ at, mtuBytes }) => ({
      at: [...at, 'mtu'],
      message: `\`${adapter.model.key}\` sends packets of ${most} bytes at the most, not of ${mtuBytes}.`,
      remedy: `Write \`mtu: ${most}\` or less.`,
      related: [{ at: [...adapter.at, 'model'], message: 'the adapter' }],
    }));
}
