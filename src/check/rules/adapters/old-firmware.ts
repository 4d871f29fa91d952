/** The firmware of an adapter is new enough for its driver. */
import { oldFirmware } from '../../../fabric/network/adapter-start.ts';
import type { Rule } from '../../rule.ts';
import { slotsOf } from '../../slots.ts';
import { WINOF_README } from '../../sources.ts';
import { machineExample } from '../../example.ts';

const example = (firmware: string): string =>
  machineExample(
    `os: windows\nadapters:\n  slot1: { model: mellanox-connectx-en, ports: [nic0], firmware: ${firmware} }\nnics:\n  nic0: {}\n`,
  );

export const oldFirmwareRule: Rule = {
  id: 'SW-1234',
  name: 'old-firmware',
  severity: 'warning',
  title: 'The firmware of an adapter is older than its driver needs',
  meaning:
    'A driver works with firmware from some version on. The WinOF drivers name the oldest for each chip, and do not start with an older one.',
  remedy: 'Burn the version that is named or a later one, start the machine anew, and write that version.',
  ignored: 'The adapter is not initialised, which the event log says (event 2416 of `samewire up`), and none of its ports has a link.',
  source: [WINOF_README],
  examples: { fail: example('2.5.000'), pass: example('2.9.1000') },
  check: (fabric) =>
    slotsOf(fabric).flatMap(({ node, machine, adapter }) => {
      const old = oldFirmware(machine, adapter);
      if (old === undefined) return [];
      return [
        {
          at: [...adapter.at, 'firmware'],
          message: `\`${node}/${adapter.name}\` has firmware ${old.found}, and the driver of \`${adapter.model.key}\` needs ${old.least} of ${old.image}.`,
          remedy: `Burn ${old.image} ${old.least} or later, and write its version.`,
          related: [{ at: [...adapter.at, 'model'], message: 'the adapter' }],
        },
      ];
    }),
};
