/** An IPoIB packet in datagram mode fits into an InfiniBand one, with 4 bytes before it (RFC 4391 §7). */
import type { Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { subnetExample } from './examples.ts';
import { stationsOf } from './subnets.ts';

const HEADER_BYTES = 4;
/** Where nobody says it. */
export const USUAL_LINK_MTU_BYTES = 2048;

const example = (mtu: number): string => {
  const port = (address: string): string => `mtu: 4096, ipoib: { mtu: ${mtu}, addresses: [${address}/24] }`;
  return subnetExample(port('192.0.2.11'), port('192.0.2.12'));
};

export const ipoibPayload: Rule = {
  id: 'SW-1211',
  name: 'ipoib-payload',
  severity: 'error',
  title: 'IPoIB packets are larger than InfiniBand carries them',
  meaning:
    'In datagram mode a packet goes into one InfiniBand packet, behind a header of 4 bytes: 2044 bytes over an MTU of 2048, 4092 over 4096.',
  remedy: 'Write an `mtu` in `ipoib` that is 4 less than that of the port, or `mode: connected`.',
  ignored: 'The driver cuts the value down or refuses it; where it does not, large packets vanish and small ones arrive.',
  source: ['RFC 4391 §7', WINOF_README],
  examples: { fail: example(4096), pass: example(4092) },
  check: (fabric) =>
    stationsOf(fabric).flatMap(({ place, nic, infiniband: { at, mtuBytes = USUAL_LINK_MTU_BYTES, ipoib } }) => {
      const most = mtuBytes - HEADER_BYTES;
      if (ipoib?.mtuBytes === undefined || ipoib.mode === 'connected' || ipoib.mtuBytes <= most) return [];
      return [
        {
          at: [...ipoib.at, 'mtu'],
          message: `\`${place}\` sends IPoIB packets of ${ipoib.mtuBytes} bytes, and its InfiniBand MTU of ${mtuBytes} leaves ${most} for them.`,
          remedy: `Write \`mtu: ${most}\` in \`ipoib\`, or \`mode: connected\`. On Linux: \`ip link set ${nic.device ?? nic.name} mtu ${most}\`.`,
          related: [
            { at: [...at, 'mtu'], message: `the InfiniBand MTU${mtuBytes === USUAL_LINK_MTU_BYTES ? ', 2048 where nobody says it' : ''}` },
          ],
          restsOn: [
            [...at, 'mtu'],
            [...ipoib.at, 'mode'],
          ],
        },
      ];
    }),
};
