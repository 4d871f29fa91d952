/** What cmdlets of teams and of Hyper-V set. */
import { macOf } from './read-adapter.ts';
import type { Handler } from './handler.ts';
import { declaredTeaming } from './teaming.ts';
import { numberOf, yesOf } from './words.ts';

const MISSING = 'A parameter that it needs is missing or makes no sense.';

export const VIRTUAL_CMDLETS: Readonly<Record<string, Handler>> = {
  'new-netlbfoteam': ({ found }, line, parameters) => {
    const name = parameters.one('Name', 0);
    const nics = parameters.list('TeamMembers') ?? parameters.at(1);
    const teaming = declaredTeaming(
      parameters.one('TeamingMode') ?? 'SwitchIndependent',
      parameters.one('LoadBalancingAlgorithm') ?? 'Dynamic',
    );
    const timer = parameters.one('LacpTimer')?.toLowerCase();
    if (name === undefined || nics === undefined || teaming === undefined) return MISSING;
    const place = ['teams', name];
    found.say(line, [...place, 'nics'], nics);
    found.say(line, [...place, 'mode'], teaming.mode);
    if (teaming.hash !== undefined) found.say(line, [...place, 'hash'], teaming.hash);
    if (timer !== undefined) found.say(line, [...place, 'lacpRate'], timer === 'fast' ? 'fast' : 'slow');
    return true;
  },
  'set-netlbfoteammember': ({ found }, line, parameters) => {
    const nic = parameters.one('Name', 0);
    const team = parameters.one('Team');
    if (nic === undefined || team === undefined || parameters.one('AdministrativeMode')?.toLowerCase() !== 'standby') return MISSING;
    found.add(line, ['teams', team, 'standby'], nic);
    // A port in reserve is what the declaration calls active-backup.
    found.say(line, ['teams', team, 'mode'], 'active-backup');
    return true;
  },
  'add-netlbfoteamnic': ({ found }, line, parameters) => {
    const team = parameters.one('Team', 0);
    const vlan = numberOf(parameters.one('VlanID', 1), 1, 4094);
    parameters.one('Name');
    if (team === undefined || vlan === undefined) return MISSING;
    found.say(line, ['teams', team, 'vlans', `${vlan}`, 'present'], true);
    return true;
  },
  'new-vmswitch': ({ found }, line, parameters) => {
    const name = parameters.one('Name', 0);
    const uplinks = parameters.list('NetAdapterName', 'InterfaceAlias');
    parameters.one('SwitchType');
    parameters.one('AllowManagementOS');
    parameters.one('MinimumBandwidthMode');
    if (name === undefined) return MISSING;
    const place = ['virtualSwitches', name];
    found.say(line, [...place, 'kind'], 'hyper-v');
    if (uplinks !== undefined) found.say(line, [...place, 'uplinks'], uplinks);
    for (const [parameter, setting] of [
      ['EnableEmbeddedTeaming', 'embeddedTeaming'],
      ['EnableIov', 'sriov'],
    ] as const) {
      const yes = yesOf(parameters.one(parameter));
      if (yes !== undefined) found.say(line, [...place, setting], yes);
    }
    return true;
  },
  'set-vmswitchteam': ({ found }, line, parameters) => {
    const name = parameters.one('Name', 0);
    const balancing = parameters.one('LoadBalancingAlgorithm')?.toLowerCase();
    const nics = parameters.list('NetAdapterName');
    if (name === undefined || (balancing === undefined && nics === undefined)) return MISSING;
    if (nics !== undefined) found.say(line, ['virtualSwitches', name, 'uplinks'], nics);
    if (balancing !== undefined)
      found.say(line, ['virtualSwitches', name, 'teaming', 'mode'], balancing === 'hypervport' ? 'port-id' : 'load-based');
    return true;
  },
  'add-vmnetworkadapter': ({ found }, line, parameters) => {
    const name = parameters.one('Name');
    const at = parameters.one('SwitchName');
    const written = parameters.one('StaticMacAddress');
    const mac = macOf(written);
    if (parameters.one('ManagementOS') === undefined) return 'It is for a virtual machine, not for the host.';
    if (name === undefined || at === undefined || (written !== undefined && mac === undefined)) return MISSING;
    found.say(line, ['virtualNics', name, 'virtualSwitch'], at);
    if (mac !== undefined) found.say(line, ['virtualNics', name, 'mac'], mac);
    return true;
  },
  'set-vmnetworkadapter': ({ found }, line, parameters) => {
    const name = parameters.one('Name');
    const tag = yesOf(parameters.one('IeeePriorityTag'));
    if (parameters.one('ManagementOS') === undefined) return 'It is for a virtual machine, not for the host.';
    if (name === undefined || tag === undefined) return MISSING;
    found.say(line, ['virtualNics', name, 'priorityTag'], tag);
    return true;
  },
  'set-vmnetworkadaptervlan': ({ found }, line, parameters) => {
    const name = parameters.one('VMNetworkAdapterName');
    if (parameters.one('ManagementOS') === undefined) return 'It is for a virtual machine, not for the host.';
    const untagged = parameters.one('Untagged') !== undefined;
    const isAccess = parameters.one('Access') !== undefined;
    const vlan = untagged ? 0 : numberOf(parameters.one('VlanId'), 1, 4094);
    if (name === undefined || vlan === undefined || (!untagged && !isAccess)) return MISSING;
    found.say(line, ['virtualNics', name, 'vlan'], vlan);
    return true;
  },
  /** The other way to a VLAN, for frames that the host sends without a tag. */
  'set-vmnetworkadapterisolation': ({ found }, line, parameters) => {
    const name = parameters.one('VMNetworkAdapterName');
    if (parameters.one('ManagementOS') === undefined) return 'It is for a virtual machine, not for the host.';
    parameters.one('AllowUntaggedTraffic');
    const vlan = numberOf(parameters.one('DefaultIsolationID'), 0, 4094);
    if (name === undefined || vlan === undefined || parameters.one('IsolationMode')?.toLowerCase() !== 'vlan') return MISSING;
    found.say(line, ['virtualNics', name, 'vlan'], vlan);
    return true;
  },
  'set-vmnetworkadapterteammapping': ({ found }, line, parameters) => {
    const name = parameters.one('VMNetworkAdapterName');
    const nic = parameters.one('PhysicalNetAdapterName');
    parameters.one('ManagementOS');
    parameters.one('SwitchName');
    if (name === undefined || nic === undefined) return MISSING;
    found.say(line, ['virtualNics', name, 'uplink'], nic);
    return true;
  },
};
