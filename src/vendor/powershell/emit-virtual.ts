/** Teams, virtual switches of Hyper-V, and the host's own interfaces at them, as cmdlets. */
import type { Emission } from '../core/emission.ts';
import { teamVlanAlias, virtualAlias } from './aliases.ts';
import { emitJumbo, macText } from './emit-adapter.ts';
import { windowsTeaming } from './teaming.ts';
import { quoted } from './words.ts';

const list = (names: readonly string[]): string => names.map(quoted).join(',');

export function emitTeams(emission: Emission): void {
  for (const team of emission.names('teams')) {
    const place = ['teams', team];
    const nics = (emission.peek(...place, 'nics') ?? []) as readonly string[];
    const mode = emission.peek(...place, 'mode') as string | undefined;
    const hash = emission.peek(...place, 'hash') as string | undefined;
    const words = windowsTeaming(mode, hash);
    const standby = (emission.peek(...place, 'standby') ?? []) as readonly string[];
    if (words === undefined || standby.length > 1 || (mode === 'active-backup' && nics.length > 2 && standby.length === 0)) {
      emission.refuseAll(
        'Windows teams by port, MAC address, hash or load, statically or with LACP, and with one port in reserve at the most.',
        ...place,
      );
      continue;
    }
    const from = emission.take(...place, 'nics');
    emission.take(...place, 'mode');
    if (mode === 'static' || mode === 'lacp' || (mode === 'transmit-balance' && hash !== 'layer2')) emission.take(...place, 'hash');
    const rate = mode === 'lacp' ? emission.take(...place, 'lacpRate') : undefined;
    const timer = rate === undefined ? '' : ` -LacpTimer ${rate.value === 'fast' ? 'Fast' : 'Slow'}`;
    emission.command(
      `New-NetLbfoTeam -Name ${quoted(team)} -TeamMembers ${list(nics.map((nic) => emission.device(nic)))} -TeamingMode ${words.mode} -LoadBalancingAlgorithm ${words.balancing}${timer} -Confirm:$false`,
      from,
    );
    const reserve = standby[0] ?? (mode === 'active-backup' ? nics[1] : undefined);
    if (reserve !== undefined)
      emission.command(
        `Set-NetLbfoTeamMember -Name ${quoted(emission.device(reserve))} -Team ${quoted(team)} -AdministrativeMode Standby -Confirm:$false`,
        emission.take(...place, 'standby') ?? emission.setting(...place, 'mode'),
      );
    const active = nics.filter((nic) => nic !== reserve);
    if (JSON.stringify(active) === JSON.stringify(emission.peek(...place, 'active'))) emission.take(...place, 'active');
    const mac = emission.take(...place, 'mac');
    if (mac !== undefined) emission.command(`Set-NetAdapter -Name ${quoted(team)} -MacAddress ${macText(mac)} -Confirm:$false`, mac);
    if (nics.every((nic) => emission.peek('nics', nic, 'mtu') === emission.peek(...place, 'mtu'))) emission.take(...place, 'mtu');
    else emission.refuse('A team has the frame size of its ports.', ...place, 'mtu');
    for (const vlan of emission.names(...place, 'vlans')) {
      const key = [...place, 'vlans', vlan];
      emission.command(
        `Add-NetLbfoTeamNic -Team ${quoted(team)} -VlanID ${vlan} -Name ${quoted(teamVlanAlias(team, vlan))} -Confirm:$false`,
        emission.take(...key, 'present'),
      );
      if (emission.peek(...key, 'mtu') === emission.peek(...place, 'mtu') && !emission.isRefused(...place, 'mtu'))
        emission.take(...key, 'mtu');
      emission.refuse('A team has the frame size of its ports.', ...key, 'mtu');
      for (const map of ['egress', 'ingress']) emission.refuseAll('Windows gives priorities by policies (`policies`).', ...key, map);
    }
    for (const name of ['detection', 'failback', 'notifySwitches', 'lacpActive', 'unused', 'hash', 'lacpRate', 'active'])
      emission.refuse('A team of Windows has no such setting, or not with this value.', ...place, name);
    emission.verify(`Get-NetLbfoTeam -Name ${quoted(team)}`, `TeamingMode            : ${words.mode}`);
  }
}

export function emitSwitches(emission: Emission): void {
  for (const name of emission.names('virtualSwitches')) {
    const place = ['virtualSwitches', name];
    const uplinks = (emission.peek(...place, 'uplinks') ?? []) as readonly string[];
    const embedded = emission.peek(...place, 'embeddedTeaming');
    if (emission.peek(...place, 'kind') !== 'hyper-v' || (uplinks.length > 1 && embedded !== true)) {
      emission.refuseAll('A switch of Hyper-V has one uplink, or teams them itself (`embeddedTeaming`).', ...place);
      continue;
    }
    const from = emission.take(...place, 'kind');
    emission.take(...place, 'uplinks');
    const set = emission.take(...place, 'embeddedTeaming');
    const sriov = emission.take(...place, 'sriov');
    const words = [
      uplinks.length === 0 ? ' -SwitchType Internal' : ` -NetAdapterName ${list(uplinks.map((nic) => emission.device(nic)))}`,
      set === undefined ? '' : ` -EnableEmbeddedTeaming $${String(set.value)}`,
      sriov === undefined ? '' : ` -EnableIov $${String(sriov.value)}`,
      uplinks.length === 0 ? '' : ' -AllowManagementOS $false',
    ];
    emission.command(`New-VMSwitch -Name ${quoted(name)}${words.join('')}`, from, 'SR-IOV cannot be turned on later.');
    const mode = emission.peek(...place, 'teaming', 'mode');
    if (embedded === true && (mode === 'port-id' || mode === 'load-based'))
      emission.command(
        `Set-VMSwitchTeam -Name ${quoted(name)} -LoadBalancingAlgorithm ${mode === 'port-id' ? 'HyperVPort' : 'Dynamic'}`,
        emission.take(...place, 'teaming', 'mode'),
      );
    emission.refuseAll(
      'A switch that teams its uplinks itself knows the port and the load, all ports in use, without LACP.',
      ...place,
      'teaming',
    );
    emission.refuse('Each interface at a switch of Hyper-V has its own frame size.', ...place, 'mtu');
    emission.refuseAll('A switch of Hyper-V has no port groups: VLANs and rights are those of interfaces.', ...place, 'portGroups');
    emission.refuseAll('Rights are those of the interfaces of virtual machines.', ...place, 'security');
    emission.refuse('A switch of Hyper-V has as many ports as are needed.', ...place, 'ports');
    emission.verify(`Get-VMSwitch -Name ${quoted(name)}`, name);
  }
}

export function emitInterfaces(emission: Emission): void {
  for (const name of emission.names('virtualNics')) {
    const place = ['virtualNics', name];
    const at = emission.peek(...place, 'virtualSwitch');
    if (at === undefined || emission.isRefused('virtualSwitches', String(at), 'kind')) {
      emission.refuseAll('An interface is made at a switch of Hyper-V (`virtualSwitch`).', ...place);
      continue;
    }
    const from = emission.take(...place, 'virtualSwitch');
    const mac = emission.take(...place, 'mac');
    const fixed = mac === undefined ? '' : ` -StaticMacAddress ${macText(mac)}`;
    emission.command(`Add-VMNetworkAdapter -ManagementOS -Name ${quoted(name)} -SwitchName ${quoted(String(at))}${fixed}`, from);
    const vlan = emission.take(...place, 'vlan');
    if (vlan !== undefined) {
      const words = vlan.value === 0 ? '-Untagged' : `-Access -VlanId ${String(vlan.value)}`;
      emission.command(`Set-VMNetworkAdapterVlan -ManagementOS -VMNetworkAdapterName ${quoted(name)} ${words}`, vlan);
      emission.verify(`Get-VMNetworkAdapterVlan -ManagementOS -VMNetworkAdapterName ${quoted(name)}`, String(vlan.value));
    }
    const tag = emission.take(...place, 'priorityTag');
    if (tag !== undefined)
      emission.command(
        `Set-VMNetworkAdapter -ManagementOS -Name ${quoted(name)} -IeeePriorityTag ${tag.value === true ? 'On' : 'Off'}`,
        tag,
      );
    const uplink = emission.take(...place, 'uplink');
    if (uplink !== undefined)
      emission.command(
        `Set-VMNetworkAdapterTeamMapping -ManagementOS -VMNetworkAdapterName ${quoted(name)} -PhysicalNetAdapterName ${quoted(emission.device(String(uplink.value)))}`,
        uplink,
      );
    emitJumbo(emission, virtualAlias(name), emission.take(...place, 'mtu'));
    const rdma = emission.take(...place, 'rdma');
    if (rdma !== undefined)
      emission.command(`${rdma.value === true ? 'Enable' : 'Disable'}-NetAdapterRdma -Name ${quoted(virtualAlias(name))}`, rdma);
    emission.refuse('Windows does not mark what an interface is for.', ...place, 'services');
    emission.refuse('Hyper-V has no port groups.', ...place, 'portGroup');
  }
}
