/** A crash dump goes to the disk that the system was booted from. */
import type { Rule } from '../../rule.ts';
import { machinePortsOf, placeOf } from '../../network.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { bootExample, targetBoot } from './examples.ts';

export const crashDump: Rule = {
  id: 'SW-1207',
  name: 'crash-dump',
  severity: 'warning',
  title: 'A system is to dump its memory to a boot disk that it does not have',
  meaning: 'The dump is written by the boot agent’s driver to the disk it booted from. By PXE, or without an agent, there is none.',
  remedy: 'Write `protocol: iscsi` or `fcoe`, or take `crashDump` out.',
  ignored: 'The first crash leaves nothing to look at.',
  source: [MARVELL_GUIDE],
  examples: { fail: bootExample('protocol: pxe, crashDump: true'), pass: bootExample(targetBoot('', ', crashDump: true')) },
  check: (fabric) =>
    machinePortsOf(fabric).flatMap((port) => {
      const { boot } = port.nic;
      if (boot?.crashDump !== true || boot.protocol === 'iscsi' || boot.protocol === 'fcoe') return [];
      const how = boot.protocol === 'pxe' ? 'boots by PXE' : 'does not boot from the network';
      return [
        {
          at: [...boot.at, 'crashDump'],
          message: `\`${placeOf(port)}\` ${how}: there is no disk to dump memory to.`,
          remedy: 'Take `crashDump` out, or write `protocol: iscsi`.',
          restsOn: [[...boot.at, 'protocol']],
        },
      ];
    }),
};
