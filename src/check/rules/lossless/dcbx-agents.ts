/** One agent answers DCBX on a port. */
import { answersTwice, distinct, listText, losslessPortsOf } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { DCBX } from './words.ts';

const example = (agents: string): string =>
  linkExample({
    host: 'os: linux',
    nic: `dcb: { dcbx: ieee, willing: true, agents: [${agents}] }`,
    port: 'vlan: 10, dcb: { dcbx: ieee, willing: false, pfc: [3] }',
  });

export const dcbxAgents: Rule = {
  id: 'SW-1128',
  name: 'dcbx-agents',
  severity: 'error',
  title: 'Two agents of a machine answer DCBX on one port',
  meaning:
    'DCBX is between two. A switch that hears two peers on one port takes over nothing from either, or now this and now that one; or the firmware takes the frames that the operating system waits for.',
  remedy: 'Leave one: turn off LLDP in the firmware of the adapter, or the agent of the operating system.',
  ignored: 'PFC is up after one restart and down after the next; the switch lists two LLDP neighbours on the port.',
  source: [DCBX, 'Linux kernel documentation, drivers i40e and ice: DCB and FW-LLDP'],
  examples: { fail: example('firmware, os'), pass: example('firmware') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), ({ dcb }) => [dcb.agents]).flatMap((one): Finding[] => {
      const { agents } = one.dcb;
      if (agents === undefined || !answersTwice(one)) return [];
      const { port } = one;
      const command =
        port.kind === 'machine' && port.machine.os === 'linux'
          ? ` On Linux: \`ethtool --set-priv-flags ${port.nic.device ?? port.nic.name} disable-fw-lldp on\` (Intel X710), \`fw-lldp-agent off\` (Intel E810), \`mlxconfig -d <device> set LLDP_NB_DCBX_P1=0\` (ConnectX), or stop \`lldpad\`.`
          : port.kind === 'machine' && port.machine.os === 'windows'
            ? ' On Windows: turn LLDP off in the firmware of the adapter, or `Disable-NetLldpAgent`.'
            : '';
      return [
        {
          at: agents.at,
          message: `On \`${one.place}\` ${listText(agents.value.map((agent) => AGENTS[agent]))} answer DCBX.`,
          remedy: `Leave one under \`agents\`.${command}`,
        },
      ];
    }),
};

const AGENTS = { firmware: 'the firmware', driver: 'the driver', os: 'the operating system' } as const;
