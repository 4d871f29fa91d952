/** A host is one initiator, before it boots and after. */
import type { Rule } from '../../rule.ts';
import { EXAMPLE_HOST } from '../../example.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { bootExample, targetBoot } from './examples.ts';
import { bootingOf } from './booting.ts';

const ADAPTER = (name: string): string => `iscsi:\n  vmhba64: { initiator: ${name}, bind: [192.0.2.12], discovery: [array1] }`;

const example = (name: string): string =>
  bootExample(targetBoot(), {
    host: ADAPTER(name),
    target: 'access: [iqn.1998-01.com.vmware:esx1, iqn.1998-01.com.vmware:esx1-os]',
  }).replace('nic0: { boot', 'nic0: { addresses: [192.0.2.12/24], boot');

export const bootInitiator: Rule = {
  id: 'SW-1203',
  name: 'boot-initiator',
  severity: 'warning',
  title: 'A host boots under another iSCSI name than it has afterwards',
  meaning:
    'The operating system takes the session of the boot agent over, with the name that the agent left in the boot table. Another name is another initiator to the array, with other access and other reservations.',
  remedy: 'Write the same `initiator` at the boot agent and at the adapter.',
  ignored: 'The system starts and loses its disk when it logs in again, or sees disks that its cluster has reserved for the other name.',
  source: ['RFC 7143 §4.2.7', 'Microsoft iSCSI Boot Firmware Table', MARVELL_GUIDE],
  examples: { fail: example('iqn.1998-01.com.vmware:esx1-os'), pass: example(EXAMPLE_HOST) },
  check(fabric) {
    const hosts = new Map(fabric.hosts.map((host) => [host.machine, host]));
    return bootingOf(fabric).flatMap(({ boot, place, port }) => {
      // An adapter in hardware at another port is an initiator of its own.
      const adapters = (hosts.get(port.machine)?.adapters ?? []).filter(
        ({ kind, nic }) => kind !== 'independent' || nic?.text === port.nic.name,
      );
      if (boot.protocol !== 'iscsi' || boot.initiator === undefined || adapters.length === 0) return [];
      if (adapters.some(({ initiator }) => initiator === boot.initiator)) return [];
      return [
        {
          at: [...boot.at, 'initiator'],
          message: `\`${place}\` boots as \`${boot.initiator}\`, and \`${port.node}:${adapters[0]!.name}\` is \`${adapters[0]!.initiator}\`.`,
          remedy: `Write \`${adapters[0]!.initiator}\` here, and in the access list of the target.`,
          related: adapters.slice(0, 3).map(({ at, name }) => ({ at: [...at, 'initiator'], message: `\`${name}\`` })),
          restsOn: [[...port.machine.at, 'iscsi']],
        },
      ];
    });
  },
};
