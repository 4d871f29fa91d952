/** A virtual function has as many interrupt vectors as it can have. */
import { CHELSIO_GUIDE } from '../../sources.ts';
import type { Rule } from '../../rule.ts';
import { guestExample } from './examples.ts';
import { givenFunctionsOf, guestPlace, passThroughName } from '../../slots.ts';

const example = (vectors: number): string => guestExample(`memoryReserved: true\nvectors: ${vectors}`);

export const vectorLimit: Rule = {
  id: 'SW-1173',
  name: 'vector-limit',
  severity: 'error',
  title: 'A guest is to have more interrupt vectors than a virtual function may be given',
  meaning: 'ESXi gives a function of this adapter a limited number of MSI-X vectors: `pciPassthru.maxMSIXvectors` ends at 31.',
  remedy: 'Write `vectors: 31` or less. A guest with more processors than that leaves has to share them.',
  ignored: 'The value is refused, and the guest does not start: "out of MSI-X vectors" in vmkernel.log.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example(34), pass: example(31) },
  check: (fabric) =>
    givenFunctionsOf(fabric).flatMap((one) => {
      const { vm, model, machine } = one;
      const most = model?.virtualFunctions?.vectorsMax;
      if (machine.os !== 'esxi' || vm.vectors === undefined || most === undefined || vm.vectors.value <= most) return [];
      return [
        {
          at: vm.vectors.at,
          message: `\`${guestPlace(one)}\` is to have ${vm.vectors.value} vectors, and a function of \`${model!.key}\` may be given ${most}.`,
          remedy: `Write \`vectors: ${most}\` or less. On ESXi: \`${passThroughName(one)}.maxMSIXvectors = "${most}"\` in the file of the guest.`,
          related: [{ at: one.given.at, message: 'the function' }],
        },
      ];
    }),
};
