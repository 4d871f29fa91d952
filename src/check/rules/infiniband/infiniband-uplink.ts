/** IPoIB is no Ethernet: what bonds and bridges do with Ethernet they don't with it. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import { nicsNamed } from '../../endpoints.ts';
import { fabricExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { isInfiniband } from './subnets.ts';

const example = (mode: string): string =>
  fabricExample(`hosts:
  lin1:
    os: linux
    nics:
      ib0: { portType: infiniband }
      ib1: { portType: infiniband }
    teams:
      bond0: { nics: [ib0, ib1], mode: ${mode}, addresses: [192.0.2.11/24] }`);

export const infinibandUplink: Rule = {
  id: 'SW-1210',
  name: 'infiniband-uplink',
  severity: 'error',
  title: 'A bond shares InfiniBand ports out, or a bridge has one',
  meaning:
    'An IPoIB interface has addresses of 20 bytes that nobody can change. Linux bonds such interfaces as active and backup only, and takes none into a bridge.',
  remedy: 'Write `mode: active-backup`, and let guests reach InfiniBand by virtual functions or by routing.',
  ignored:
    'The bond refuses the port ("Only active-backup mode is supported for infiniband slaves"), and so does the bridge ("Invalid argument").',
  source: ['Linux drivers bonding and bridge', 'RFC 4391 §9.1.1'],
  examples: { fail: example('lacp'), pass: example('active-backup') },
  check: (fabric) =>
    machinesOf(fabric).flatMap(({ name, machine }) => (machine.os === 'linux' ? [...teams(name, machine), ...bridges(name, machine)] : [])),
};

const teams = (node: string, machine: Machine): Finding[] =>
  machine.teams.flatMap(({ name, nics, teaming: { mode } }): Finding[] => {
    const port = mode === undefined || mode.value === 'active-backup' ? undefined : nicsNamed(machine, nics).find(isInfiniband);
    if (mode === undefined || port === undefined) return [];
    return [
      {
        at: mode.at,
        message: `\`${node}:${name}\` is a bond with \`mode: ${mode.value}\`, and its port \`${node}:${port.name}\` is InfiniBand.`,
        remedy: `Write \`mode: active-backup\`. On Linux: \`ip link add ${name} type bond mode active-backup\`.`,
        related: [{ at: port.at, message: 'the port' }],
        restsOn: [[...port.at, 'portType']],
      },
    ];
  });

const bridges = (node: string, machine: Machine): Finding[] =>
  machine.virtualSwitches
    .filter(({ kind }) => kind === 'bridge' || kind === 'open-vswitch')
    .flatMap(({ name, uplinks }) =>
      uplinks.flatMap((uplink) =>
        nicsNamed(machine, [uplink])
          .filter(isInfiniband)
          .slice(0, 1)
          .map((port) => ({
            at: uplink.at,
            message: `\`${node}:${name}\` is a bridge, and its uplink \`${node}:${port.name}\` is InfiniBand, which has no Ethernet frames.`,
            remedy: 'Write an Ethernet port, or let the host route between both.',
            related: [{ at: port.at, message: 'the port' }],
            restsOn: [[...port.at, 'portType']],
          })),
      ),
    );
