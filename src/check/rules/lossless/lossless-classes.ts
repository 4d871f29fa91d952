/** A switch keeps no more priorities from loss than its hardware can. */
import { distinct, losslessPortsOf, pfcOf, prioritiesText } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { PFC } from './words.ts';

const example = (pfc: string): string =>
  linkExample({ nic: `dcb: { pfc: ${pfc} }`, tor: 'losslessClasses: 2', port: `vlan: 10, dcb: { pfc: ${pfc} }` });

export const losslessClasses: Rule = {
  id: 'SW-1114',
  name: 'lossless-classes',
  severity: 'error',
  title: 'A port has more priorities without loss than its switch can keep apart',
  meaning: 'Each needs a headroom of its own in the packet memory; switches have that for two to four priorities, some for one.',
  remedy: 'Turn PFC off for priorities that nothing needs without loss.',
  ignored: 'The switch refuses the command, or takes it and keeps the first ones only.',
  source: [PFC, 'Data sheets of switches'],
  examples: { fail: example('[3, 4, 5]'), pass: example('[3, 4]') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), (port) => [
      pfcOf(fabric, port),
      port.port.kind === 'switch' ? port.port.one.losslessClasses : undefined,
    ]).flatMap((one): Finding[] => {
      const pfc = pfcOf(fabric, one);
      const most = one.port.kind === 'switch' ? one.port.one.losslessClasses : undefined;
      if (pfc === undefined || most === undefined || pfc.value.length <= most.value) return [];
      return [
        {
          at: pfc.at,
          message: `\`${one.place}\` keeps ${prioritiesText(pfc.value)} from loss, and \`${one.port.node}\` can do so for ${most.value}.`,
          remedy: `Keep ${most.value} of them.`,
          related: [{ at: most.at, message: `\`${one.port.node}\`` }],
          restsOn: [most.at],
        },
      ];
    }),
};
