/** A priority waits in one buffer. */
import { addTo } from '../../../base/grouped.ts';
import type { PortBuffer } from '../../../fabric/lossless/model.ts';
import { distinct, listText, losslessPortsOf, pfcOf, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';

const example = (own: string): string =>
  linkExample({
    nic: 'dcb: { pfc: [3] }',
    port: `vlan: 10, dcb: { pfc: [3], buffers: { iPort.pg0: { priorities: [0, 1, 2, 4, 5, 6, 7], reserved: 20480 }, iPort.pg3: { ${own}lossless: true, reserved: 90000, xoff: 17000, xon: 17000 } } }`,
  });

export const bufferPriority: Rule = {
  id: 'SW-1142',
  name: 'buffer-priority',
  severity: 'error',
  title: 'A priority is bound to no buffer without loss, or to two buffers',
  meaning:
    'A buffer holds what is bound to it. Without a binding the frames go to the common buffer, however large the one that was made for them.',
  remedy: 'Bind each priority without loss to one buffer, with `priorities`.',
  ignored: 'The buffer without loss stays empty, its counters at zero, and drops are counted in buffer 0.',
  source: [DEMARTEK_GUIDE],
  examples: { fail: example(''), pass: example('priorities: [3], ') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), (port) => [port.dcb.buffers, pfcOf(fabric, port)]).flatMap((one): Finding[] => {
      const { buffers } = one.dcb;
      if (buffers === undefined) return [];
      const pfc = pfcOf(fabric, one);
      const owner = whose(one, buffers);
      const ingress = buffers.value.filter(({ direction }) => direction === 'ingress');
      const holders = new Map<number, PortBuffer[]>();
      for (const each of ingress) for (const priority of new Set(each.priorities)) addTo(holders, priority, each);
      const twice = [...holders].flatMap(([priority, list]): Finding[] =>
        list.length < 2
          ? []
          : [
              {
                at: [...list[1]!.at, 'priorities'],
                message: `\`${owner}\` has priority ${priority} in the buffers ${listText(list.map(({ name }) => `\`${name}\``))}.`,
                remedy: 'Take it out of all but one.',
                related: [{ at: [...list[0]!.at, 'priorities'], message: 'the other' }],
                restsOn: [list[0]!.at],
              },
            ],
      );
      if (pfc === undefined || !ingress.some(({ lossless }) => lossless)) return twice;
      const unbound = pfc.value.filter((priority) => !holders.has(priority));
      if (unbound.length === 0) return twice;
      const empty = ingress.find(({ lossless, priorities }) => lossless && priorities === undefined);
      return [
        ...twice,
        ...unbound.map((priority) => ({
          at: empty?.at ?? buffers.at,
          ...(empty === undefined ? {} : { missingFrom: empty.at }),
          message: `\`${owner}\` keeps priority ${priority} from loss, and binds it to no buffer.`,
          remedy: `Write \`priorities: [${priority}]\`${empty === undefined ? ' at a buffer without loss' : ` at \`${empty.name}\``}. In Onyx: \`ingress-buffer ${empty?.name ?? 'iPort.pg3'} bind switch-priority ${priority}\`.`,
          related: [{ at: pfc.at, message: 'PFC' }],
          restsOn: [pfc.at],
        })),
      ];
    }),
};
