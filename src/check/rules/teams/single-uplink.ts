/** Storage has more than one way out of a host that has more than one. */
import type { Nic } from '../../../fabric/network/model.ts';
import type { Service } from '../../../fabric/virtual/model.ts';
import { endpointsByNode, type Endpoint } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { twoSwitches } from './examples.ts';

const example = (uplinks: string): string =>
  twoSwitches(
    `os: esxi
virtualSwitches:
  vSwitch1: { uplinks: [${uplinks}], portGroups: { Storage: { vlan: 10 } } }
virtualNics:
  vmk1: { portGroup: Storage, services: [iscsi], addresses: [192.0.2.11/24] }`,
  ).replaceAll('47: {}', '1: { tagged: [10] }');

const STORAGE: readonly Service[] = ['iscsi', 'nfs', 'vsan', 'smb-direct'];

export const singleUplink: Rule = {
  id: 'SW-1095',
  name: 'single-uplink',
  severity: 'warning',
  title: 'Storage leaves a host by one port only',
  meaning: 'The host has other ports, and its disks hang on one of them: a cable, a port or a reboot of the switch takes them all away.',
  remedy:
    'Add a second uplink to the virtual switch or the team, or a second path over another one. On ESXi: `esxcfg-vswitch -L vmnic1 vSwitch1`.',
  ignored: 'All is well until the one link fails; then every guest of the host stands still.',
  source: [LOWE_BLOG],
  examples: { fail: example('p1'), pass: example('p1, p2') },
  check(fabric) {
    return [...endpointsByNode(fabric)].flatMap(([node, endpoints]): Finding[] => {
      const machine = endpoints[0]?.machine;
      if (machine === undefined || machine.virtualNics.length === 0 || machine.nics.length < 2) return [];
      return STORAGE.flatMap((service): Finding[] => {
        const using = endpoints.filter(({ virtualNic }) => virtualNic?.services.includes(service) === true);
        const nics = new Set<Nic>(using.flatMap((one) => one.nics));
        if (using.length === 0 || nics.size !== 1 || using.some((one) => one.nics.length === 0)) return [];
        return [tell(node, service, using[0]!, [...nics][0]!)];
      });
    });
  },
};

const tell = (node: string, service: Service, { at, name, virtualSwitch, machine }: Endpoint, nic: Nic): Finding => ({
  at,
  missingFrom: at,
  message: `\`${node}:${name}\` has \`${nic.name}\` as its only way out for ${service}.`,
  remedy: `Add an uplink to \`${virtualSwitch?.name ?? name}\`, or a second interface over another.`,
  related: [
    { at: nic.at, message: 'the only port' },
    ...(virtualSwitch === undefined ? [] : [{ at: virtualSwitch.at, message: `\`${virtualSwitch.name}\`` }]),
  ],
  restsOn: [
    [...machine.at, 'virtualNics'],
    [...machine.at, 'virtualSwitches'],
    [...machine.at, 'nics'],
    [...machine.at, 'teams'],
  ],
});
