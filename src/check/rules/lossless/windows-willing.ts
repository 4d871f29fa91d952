/** Windows with settings of its own is not willing. */
import { distinct, losslessPortsOf, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';

const example = (willing: boolean): string =>
  linkExample({
    host: `os: windows\ndcb: { dcbx: ieee, willing: ${willing}, pfc: [3] }`,
    nic: 'mtu: 1500',
    port: 'vlan: 10, dcb: { dcbx: ieee, willing: false, pfc: [3] }',
  });

export const windowsWilling: Rule = {
  id: 'SW-1130',
  name: 'windows-willing',
  severity: 'warning',
  title: 'A Windows machine has settings for PFC or ETS, and is willing to take over others',
  meaning: 'While it is willing, Windows sends its PFC and traffic classes to no adapter: what is written there is for show.',
  remedy: 'Write `willing: false`, or leave the settings to the switch and take them out here.',
  ignored: 'Get-NetQosFlowControl shows PFC on, and the adapter does what the switch says, or nothing.',
  source: ['Microsoft, Set-NetQosDcbxSetting', 'Validate-DCB of Microsoft', DEMARTEK_GUIDE],
  examples: { fail: example(true), pass: example(false) },
  check: (fabric) =>
    distinct(
      losslessPortsOf(fabric).filter(({ port }) => port.kind === 'machine' && port.machine.os === 'windows'),
      ({ dcb }) => [dcb.willing, dcb.pfc, dcb.classes],
    ).flatMap((one): Finding[] => {
      const { port, dcb } = one;
      const { willing, pfc, classes } = dcb;
      const own = pfc !== undefined && pfc.value.length > 0 ? pfc : classes;
      // Where firmware and system disagree about it, another rule says so.
      const isFirmware = dcb.agents !== undefined && !dcb.agents.value.includes('os');
      const contradicts = port.kind === 'machine' && port.machine.dcb.willing?.value === false;
      if (willing?.value !== true || dcb.dcbx?.value === 'none' || own === undefined || own.value.length === 0 || contradicts || isFirmware)
        return [];
      return [
        {
          at: willing.at,
          message: `\`${whose(one, willing)}\`, on Windows, has ${own === pfc ? 'PFC' : 'traffic classes'} of its own, and is willing to take over others.`,
          remedy: 'Write `willing: false`. On Windows: `Set-NetQosDcbxSetting -Willing $false`.',
          related: [{ at: own.at, message: 'its own settings' }],
          restsOn: [own.at],
        },
      ];
    }),
};
