/** What buffers have for themselves is there. */
import type { Fabric } from '../../../fabric/model.ts';
import type { Switch } from '../../../fabric/network/model.ts';
import { losslessPortOf } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';

const example = (buffer: string): string =>
  linkExample({
    nic: 'dcb: { pfc: [3] }',
    tor: `buffer: ${buffer}`,
    port: 'vlan: 10, dcb: { pfc: [3], buffers: { iPort.pg0: { priorities: [0, 1, 2, 4, 5, 6, 7], reserved: 20480 }, iPort.pg3: { priorities: [3], lossless: true, reserved: 90000, xoff: 17000, xon: 17000 } } }',
  });

export const bufferTotal: Rule = {
  id: 'SW-1141',
  name: 'buffer-total',
  severity: 'error',
  title: 'The buffers of a switch have more for themselves than it has memory',
  meaning: 'What a buffer has reserved is taken from the packet memory of the switch for good, at every port.',
  remedy: 'Reserve less, at fewer ports, or in fewer buffers.',
  ignored: 'The switch refuses the last commands, so that some ports have no buffer without loss.',
  source: [DEMARTEK_GUIDE, 'Data sheets of switches'],
  examples: { fail: example('64KiB'), pass: example('16MiB') },
  check: (fabric) =>
    fabric.switches.flatMap((one): Finding[] => {
      const { bufferBytes } = one;
      if (bufferBytes === undefined) return [];
      const { total, ports, at } = reservedOf(fabric, one);
      if (total <= bufferBytes.value || at === undefined) return [];
      return [
        {
          at: bufferBytes.at,
          message: `Buffers of ${ports} ${ports === 1 ? 'port' : 'ports'} of \`${one.name}\` reserve ${total} bytes, and it has ${bufferBytes.value}.`,
          remedy: 'Lower `reserved`, or write what the switch really has.',
          related: [{ at, message: 'reserved here' }],
          restsOn: [at],
        },
      ];
    }),
};

function reservedOf(fabric: Fabric, one: Switch) {
  const listed = one.ports.flatMap((port) => {
    const buffers = losslessPortOf(fabric, port)?.dcb.buffers;
    return buffers === undefined || port.disabled ? [] : [buffers];
  });
  const total = listed.reduce((sum, { value }) => sum + value.reduce((own, { reservedBytes }) => own + (reservedBytes ?? 0), 0), 0);
  return { total, ports: listed.length, at: listed[0]?.at };
}
