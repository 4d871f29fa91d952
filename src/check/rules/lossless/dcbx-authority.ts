/** A machine and its adapter agree on who decides. */
import { losslessPortsOf } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';
import { DCBX } from './words.ts';

const example = (willing: boolean): string =>
  linkExample({
    host: 'os: windows\ndcb: { willing: false, pfc: [3] }',
    nic: `dcb: { dcbx: ieee, agents: [firmware], willing: ${willing} }`,
    port: 'vlan: 10, dcb: { dcbx: ieee, willing: false, pfc: [3] }',
  });

export const dcbxAuthority: Rule = {
  id: 'SW-1129',
  name: 'dcbx-authority',
  severity: 'error',
  title: 'The operating system keeps its own settings, and the firmware of a port takes over those of the switch',
  meaning:
    'Two authorities for one port: the operating system writes its settings into the adapter, and the firmware replaces them with what it hears.',
  remedy: 'Let one decide: `willing: false` in the firmware too, or `willing: true` for the machine.',
  ignored: 'Settings look right in the operating system; what the adapter does changes whenever the link comes up.',
  source: [DCBX, DEMARTEK_GUIDE],
  examples: { fail: example(true), pass: example(false) },
  check: (fabric) =>
    losslessPortsOf(fabric).flatMap(({ port, place, dcb }): Finding[] => {
      if (port.kind !== 'machine') return [];
      const machine = port.machine.dcb.willing;
      const { willing, agents } = dcb;
      if (machine?.value !== false || willing?.value !== true || dcb.dcbx?.value === 'none') return [];
      if (!(agents?.value.includes('firmware') ?? false)) return [];
      return [
        {
          at: willing.at,
          message: `The firmware of \`${place}\` takes over what its neighbour says, and \`${port.node}\` keeps its own settings.`,
          remedy: `Write \`willing: false\` here. On QLogic and Marvell adapters: DCBX Protocol in the UEFI device settings, Disabled.${port.machine.os === 'windows' ? ' Or `Set-NetQosDcbxSetting -Willing $true`.' : ''}`,
          related: [
            { at: machine.at, message: `\`${port.node}\`` },
            ...(agents === undefined ? [] : [{ at: agents.at, message: 'who answers' }]),
          ],
          cause: machine.at,
          restsOn: [machine.at],
        },
      ];
    }),
};
