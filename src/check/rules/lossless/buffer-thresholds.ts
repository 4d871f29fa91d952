/** A buffer without loss asks for a pause before it is full, and for more only when there is room. */
import { distinct, losslessPortsOf, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';
import { PFC } from './words.ts';

const example = (xoff: number): string =>
  linkExample({
    nic: 'dcb: { pfc: [3] }',
    port: `vlan: 10, dcb: { pfc: [3], buffers: { iPort.pg3: { priorities: [3], lossless: true, reserved: 90000, xoff: ${xoff}, xon: 17000 } } }`,
  });

export const bufferThresholds: Rule = {
  id: 'SW-1139',
  name: 'buffer-thresholds',
  severity: 'error',
  title: 'The thresholds of a buffer without loss are out of order',
  meaning:
    'At `xoff` the neighbour is told to stop, and what is on the way then needs the room above it, the headroom; at `xon`, not above `xoff`, it may go on.',
  remedy: 'Keep `xon` at most `xoff`, and `xoff` below `reserved` by the headroom that the link needs.',
  ignored: 'Pauses come too late and frames are dropped; or they never end, and the link hangs in bursts.',
  source: [PFC, DEMARTEK_GUIDE],
  examples: { fail: example(90_000), pass: example(17_000) },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), ({ dcb }) => [dcb.buffers]).flatMap((one): Finding[] =>
      (one.dcb.buffers?.value ?? []).flatMap(({ at, name, lossless, reservedBytes, xoffBytes, xonBytes }): Finding[] => {
        if (!lossless || xoffBytes === undefined) return [];
        const owner = whose(one, one.dcb.buffers!);
        if (xonBytes !== undefined && xonBytes > xoffBytes)
          return [
            {
              at: [...at, 'xon'],
              message: `Buffer \`${name}\` of \`${owner}\` lets the neighbour go on at ${xonBytes} bytes, and stops it at ${xoffBytes}.`,
              remedy: `Write \`xon: ${xoffBytes}\` or less.`,
              related: [{ at: [...at, 'xoff'], message: 'stops here' }],
              restsOn: [[...at, 'xoff']],
            },
          ];
        if (reservedBytes === undefined || reservedBytes > xoffBytes) return [];
        return [
          {
            at: [...at, 'xoff'],
            message: `Buffer \`${name}\` of \`${owner}\` has ${reservedBytes} bytes and stops its neighbour at ${xoffBytes}: there is no headroom.`,
            remedy: 'Write a larger `reserved`, or a lower `xoff`.',
            related: [{ at: [...at, 'reserved'], message: 'all it has' }],
            restsOn: [[...at, 'reserved']],
          },
        ];
      }),
    ),
};
