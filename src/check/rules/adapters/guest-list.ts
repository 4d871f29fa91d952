/** Guests that the maker of an adapter lists for its virtual functions. */
import { CHELSIO_GUIDE } from '../../sources.ts';
import type { GuestList } from '../../../fabric/adapters/adapter-model.ts';
import type { Rule } from '../../rule.ts';
import { guestExample } from './examples.ts';
import { givenFunctionsOf, guestPlace } from '../../slots.ts';

const example = (os: string): string => guestExample(`os: ${os}\nmemoryReserved: true`);

export const guestList: Rule = {
  id: 'SW-1176',
  name: 'guest-list',
  severity: 'warning',
  title: 'A guest with a virtual function is not among those that the adapter was tested with',
  meaning:
    'The guide of the adapter lists the guests that its virtual functions are supported in. Others may work; Windows Server is listed in one place of it and ruled out in another.',
  remedy: 'Use one of the guests listed, or ask the maker for the list of a newer driver.',
  ignored: 'The driver of the function may not build or not load in the guest, and its maker may not help.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example('rhel-9.2'), pass: example('ubuntu-20.04') },
  check: (fabric) =>
    givenFunctionsOf(fabric).flatMap((one) => {
      const { vm, model, machine } = one;
      const guests = model?.virtualFunctions?.guests;
      if (guests === undefined || guests.hypervisor !== machine.os || vm.os === undefined) return [];
      const why = doubt(guests, vm.os.value.toLowerCase());
      if (why === undefined) return [];
      return [
        {
          at: vm.os.at,
          message: `\`${guestPlace(one)}\` has a virtual function of \`${model!.key}\`, and \`${vm.os.value}\` ${why}.`,
          remedy: `Listed are ${guests.listed.map((name) => `\`${name}\``).join(', ')}.`,
          related: [{ at: one.given.at, message: 'the function' }],
        },
      ];
    }),
};

/** Without a version nothing is said that could be compared. */
function doubt({ listed, doubtful, excluded }: GuestList, written: string): string | undefined {
  const startsWith = (start: string): boolean => written.startsWith(start);
  if (excluded.some(startsWith)) return undefined;
  if (doubtful.some(startsWith)) return 'is listed in one place of its guide and ruled out in another';
  return /\d/.test(written) && !listed.includes(written) ? 'is not in the list of its guide' : undefined;
}
