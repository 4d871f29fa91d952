/** One kind of pause on a port. */
import { distinct, losslessPortsOf, pfcOf, prioritiesText } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';
import { PFC } from './words.ts';

const example = (flowControl: string): string =>
  linkExample({ nic: `flowControl: ${flowControl}, dcb: { pfc: [3] }`, port: 'vlan: 10, flowControl: none, dcb: { pfc: [3] }' });

export const pauseAndPfc: Rule = {
  id: 'SW-1112',
  name: 'pause-and-pfc',
  severity: 'error',
  title: 'A port has pause frames for all priorities and PFC',
  meaning:
    'A port uses one of the two. A pause for everything stops the traffic that PFC was to keep moving, and many adapters turn PFC off then.',
  remedy: 'Write `flowControl: none` where PFC is on.',
  ignored: 'Either PFC never comes up, without a message, or one slow receiver stops management and storage together.',
  source: [PFC, 'IEEE 802.3 Annex 31B', DEMARTEK_GUIDE],
  examples: { fail: example('receive'), pass: example('none') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), (port) => [port.flowControl, pfcOf(fabric, port)]).flatMap((one): Finding[] => {
      const { flowControl, port, place } = one;
      const pfc = pfcOf(fabric, one);
      if (flowControl === undefined || pfc === undefined || pfc.value.length === 0) return [];
      if (flowControl.value === 'none' || flowControl.value === 'auto') return [];
      const command =
        port.kind === 'switch'
          ? ' In Onyx: `flowcontrol receive off force` and `flowcontrol send off force`.'
          : port.machine.os === 'linux'
            ? ` On Linux: \`ethtool -A ${port.nic.device ?? port.nic.name} autoneg off rx off tx off\`.`
            : port.machine.os === 'windows'
              ? ' On Windows: the advanced property Flow Control, Disabled.'
              : '';
      return [
        {
          at: flowControl.at,
          message: `\`${place}\` ${FRAMES[flowControl.value]}, and has PFC on for ${prioritiesText(pfc.value)}.`,
          remedy: `Write \`flowControl: none\`.${command}`,
          related: [{ at: pfc.at, message: 'PFC' }],
          restsOn: [pfc.at],
        },
      ];
    }),
};

const FRAMES = { receive: 'obeys pause frames', send: 'sends pause frames', both: 'sends and obeys pause frames' } as const;
