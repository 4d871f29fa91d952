/** A port that boots by FCoE does FCoE. */
import type { Finding, Rule } from '../../rule.ts';
import { machineExample } from '../../example.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { lacks } from '../adapters/offload-model.ts';
import { slotPortByNic } from '../../slots.ts';
import { bootingOf } from './booting.ts';

const example = (fcoe: string): string =>
  machineExample(`adapters:\n  slot1: { model: marvell-57810, ports: [nic0] }\nnics:\n  nic0: { ${fcoe}boot: { protocol: fcoe } }`);

export const bootFcoe: Rule = {
  id: 'SW-1206',
  name: 'boot-fcoe',
  severity: 'warning',
  title: 'A port is to boot by FCoE, and nothing is said of its FCoE',
  meaning:
    'The agent and the system use one login to the Fibre Channel fabric, with names and a VLAN of the port. The adapter has to do FCoE itself: there is no operating system yet.',
  remedy: 'Write `fcoe` at the port, with its VLAN and its names, and use a model that does FCoE.',
  ignored: 'The zoning of the fabric lets the names of the port in, and the agent comes with others: no disk is found.',
  source: ['INCITS FC-BB-6', MARVELL_GUIDE],
  examples: { fail: example(''), pass: example('fcoe: { vlan: 100, priority: 3 }, ') },
  check: (fabric) =>
    bootingOf(fabric).flatMap(({ boot, place, port }): Finding[] => {
      const { nic, machine } = port;
      if (boot.protocol !== 'fcoe') return [];
      const slot = slotPortByNic(fabric).get(nic)?.slot;
      const at = [...boot.at, 'protocol'];
      if (slot !== undefined && lacks(slot.adapter.model, machine, ['fcoe']))
        return [
          {
            at,
            message: `\`${place}\` is to boot by FCoE, and \`${slot.adapter.model.key}\` is not among the models that do FCoE.`,
            remedy: 'Write another `protocol`, or another model.',
            related: [{ at: [...slot.adapter.at, 'model'], message: 'the adapter' }],
          },
        ];
      if (nic.fcoe !== undefined) return [];
      return [
        {
          at,
          message: `\`${place}\` is to boot by FCoE, and the port has no \`fcoe\`.`,
          remedy: 'Add `fcoe: { vlan: ..., priority: 3, wwpn: ... }` to the port.',
          restsOn: [[...nic.at, 'fcoe']],
        },
      ];
    }),
};
