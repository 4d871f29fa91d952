/** A MAC address has six bytes. */
import { machinePortsOf, placeOf } from '../../network.ts';
import type { Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { fabricExample } from '../../example.ts';

const example = (mask: string): string =>
  fabricExample(
    `hosts:\n  win1:\n    os: windows\n    nics:\n      ib0: { portType: infiniband, infiniband: { ipoib: { guidMask: ${mask}, addresses: [192.0.2.11/24] } } }`,
  );

export const bitsSet = (mask: number): number => [...mask.toString(2)].filter((digit) => digit === '1').length;

const MAC_BYTES = 6;

export const guidMask: Rule = {
  id: 'SW-1214',
  name: 'guid-mask',
  severity: 'error',
  title: 'A GUID mask does not choose six bytes',
  meaning: 'Each bit of the mask chooses a byte of the GUID for the MAC address, which has six. 0 leaves the choice to the driver.',
  remedy: 'Write a mask with six bits set, such as `0xe7`, `0xfc` or `0x3f`, or 0.',
  ignored: 'The driver refuses the mask and makes the usual address; DHCP reservations for the one expected never match.',
  source: [WINOF_README],
  examples: { fail: example('0xfd'), pass: example('0xe7') },
  check: (fabric) =>
    machinePortsOf(fabric).flatMap((port) => {
      const ipoib = port.nic.infiniband?.ipoib;
      if (ipoib?.guidMask === undefined || ipoib.guidMask === 0 || bitsSet(ipoib.guidMask) === MAC_BYTES) return [];
      return [
        {
          at: [...ipoib.at, 'guidMask'],
          message: `The mask 0x${ipoib.guidMask.toString(16).padStart(2, '0')} of \`${placeOf(port)}\` chooses ${bitsSet(ipoib.guidMask)} of the eight bytes of a GUID, and a MAC address has six.`,
          remedy: 'Write a mask with six bits set, such as `0xe7`.',
        },
      ];
    }),
};
