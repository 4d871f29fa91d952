/** Priorities with PFC have buffers without loss, and no others have. */
import { distinct, losslessPortsOf, pfcOf, prioritiesText, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';
import { PFC } from './words.ts';

const example = (lossless: string): string =>
  linkExample({
    nic: 'dcb: { pfc: [3] }',
    port: `vlan: 10, dcb: { pfc: [3], buffers: { iPort.pg3: { priorities: [3], reserved: 90000${lossless} } } }`,
  });

export const bufferKind: Rule = {
  id: 'SW-1143',
  name: 'buffer-kind',
  severity: 'error',
  title: 'A priority with PFC waits in a buffer that drops, or one without PFC in a buffer without loss',
  meaning:
    'A buffer that drops never asks for a pause, whatever PFC says; one without loss asks for a pause that the neighbour does not make.',
  remedy: 'Write `lossless: true` at buffers of priorities with PFC, and only there.',
  ignored: 'PFC is on, no pause is ever sent, and frames are dropped in the buffer that was made for them.',
  source: [PFC, DEMARTEK_GUIDE],
  examples: { fail: example(''), pass: example(', lossless: true, xoff: 17000, xon: 17000') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), (port) => [port.dcb.buffers, pfcOf(fabric, port)]).flatMap((one): Finding[] => {
      const { buffers } = one.dcb;
      const pfc = pfcOf(fabric, one);
      if (buffers === undefined || pfc === undefined) return [];
      return buffers.value
        .filter(({ direction }) => direction === 'ingress')
        .flatMap(({ at, name, lossless, priorities = [] }): Finding[] => {
          const wrong = priorities.filter((priority) => pfc.value.includes(priority) !== lossless);
          if (wrong.length === 0) return [];
          return [
            {
              at: [...at, 'priorities'],
              message: lossless
                ? `Buffer \`${name}\` of \`${whose(one, buffers)}\` is without loss and holds ${prioritiesText(wrong)}, which \`${one.place}\` has no PFC for.`
                : `Buffer \`${name}\` of \`${whose(one, buffers)}\` drops when it is full and holds ${prioritiesText(wrong)}, which \`${one.place}\` has PFC for.`,
              remedy: lossless
                ? 'Take them out, or add them to `pfc` at both ends.'
                : 'Write `lossless: true` with `xoff` and `xon`, or bind them to another buffer.',
              related: [{ at: pfc.at, message: 'PFC' }],
              restsOn: [pfc.at, [...at, 'lossless']],
            },
          ];
        });
    }),
};
