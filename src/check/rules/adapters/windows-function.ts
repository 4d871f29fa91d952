/** Guests that no function of an adapter can be given to. */
import { CHELSIO_GUIDE } from '../../sources.ts';
import type { Rule } from '../../rule.ts';
import { guestExample } from './examples.ts';
import { givenFunctionsOf, guestPlace } from '../../slots.ts';

const example = (os: string): string => guestExample(`os: ${os}\nmemoryReserved: true`, '', undefined, 'chelsio-t520-cr');

export const windowsFunction: Rule = {
  id: 'SW-1175',
  name: 'windows-function',
  severity: 'error',
  title: 'A guest is given a virtual function that it has no driver for',
  meaning: 'The maker of the adapter rules the guest out: T5 adapters have no driver for virtual functions in Windows guests on ESXi.',
  remedy: 'Give the guest a port group instead of the function, or let the adapter be one that its system is supported with.',
  ignored: 'The guest shows an unknown device and has no network.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example('windows-server-2019'), pass: example('rhel-8.2') },
  check: (fabric) =>
    givenFunctionsOf(fabric).flatMap((one) => {
      const { vm, model, machine } = one;
      const guests = model?.virtualFunctions?.guests;
      if (guests === undefined || guests.hypervisor !== machine.os || vm.os === undefined) return [];
      const written = vm.os.value.toLowerCase();
      if (!guests.excluded.some((start) => written.startsWith(start))) return [];
      return [
        {
          at: vm.os.at,
          message: `\`${guestPlace(one)}\` runs \`${vm.os.value}\`, which can have no virtual function of \`${model!.key}\`.`,
          remedy: 'Write `portGroup` instead of `function`, or use an adapter of the next generation.',
          related: [{ at: one.given.at, message: 'the function' }],
        },
      ];
    }),
};
