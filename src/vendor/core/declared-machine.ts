/** What the declaration says of a host or an array as a machine on the wire, as settings. */
import { formatMac } from '../../wire/ethernet/mac.ts';
import { formatIp } from '../../wire/ip/address.ts';
import type { NicInterface, PriorityMap } from '../../fabric/network/interface-model.ts';
import type { Machine, Nic } from '../../fabric/network/model.ts';
import type { PortGroupPlace, Reference, SecurityPolicy, Team, Teaming, VirtualNic, VirtualSwitch } from '../../fabric/virtual/model.ts';
import type { Path } from '../../fabric/problem.ts';
import { sayDcb } from './declared-dcb.ts';
import { carriedByBridge } from './bridge.ts';
import { type Key, type Sayings, vlanText } from './say.ts';

const USUAL_MTU_BYTES = 1500;

export function sayMachine(sayings: Sayings, machine: Machine): void {
  // The MTU of a team becomes that of its ports.
  const ofTeams = new Set(machine.teams.flatMap(({ nics, mtuBytes }) => (mtuBytes === undefined ? [] : nics.map(({ text }) => text))));
  for (const nic of machine.nics) sayNic(sayings, ['nics', nic.name], nic, ofTeams.has(nic.name));
  for (const team of machine.teams) sayTeam(sayings, ['teams', team.name], team);
  for (const one of machine.virtualSwitches) sayVirtualSwitch(sayings, ['virtualSwitches', one.name], one);
  for (const one of machine.virtualNics) sayVirtualNic(sayings, ['virtualNics', one.name], one);
  for (const one of machine.virtualSwitches) if (one.kind === 'bridge') sayBridge(sayings, one, machine.virtualNics);
  if (machine.vteps.length > 0) sayings.say(['vteps'], textsOf(machine.vteps), machine.vteps[0]!.at);
  const routes = machine.routes.map(({ to, via }) => `${formatIp(to.address)}/${to.bits} via ${formatIp(via)}`);
  if (routes.length > 0) sayings.say(['routes'], routes.toSorted(), machine.routes[0]!.at);
  sayDcb(sayings, ['dcb'], machine.dcb);
  for (const { at, name, match, priority, dscp } of machine.policies) {
    const key = ['policies', name];
    sayings.say([...key, 'match'], match, at);
    sayings.say([...key, 'priority'], priority, [...at, 'priority']);
    sayings.say([...key, 'dscp'], dscp, [...at, 'dscp']);
  }
  for (const driver of machine.drivers)
    for (const { at, name, value } of driver.parameters) sayings.say(['drivers', driver.name, name], value, at);
}

const textsOf = (references: readonly Reference[]): readonly string[] => references.map(({ text }) => text);

function sayNic(sayings: Sayings, key: Key, nic: Nic, hasMtuOfTeam: boolean): void {
  const { at } = nic;
  sayings.say([...key, 'device'], nic.device, [...at, 'device']);
  if (nic.saysMac) sayings.say([...key, 'mac'], formatMac(nic.mac), [...at, 'mac']);
  // What every port has where nobody says more.
  if (nic.mtuBytes === USUAL_MTU_BYTES) {
    if (!hasMtuOfTeam) sayings.quietly([...key, 'mtu'], nic.mtuBytes, [...at, 'mtu']);
  } else sayings.say([...key, 'mtu'], nic.mtuBytes, [...at, 'mtu']);
  sayings.say([...key, 'speed'], nic.rateBitsPerSecond, [...at, 'speed']);
  sayings.said([...key, 'flowControl'], nic.flowControl);
  sayDcb(sayings, [...key, 'dcb'], nic.dcb);
  if (nic.rdma !== undefined) {
    const { mtuBytes, enabled, ...rdma } = nic.rdma;
    if (enabled) sayings.quietly([...key, 'rdma', 'enabled'], true, nic.rdma.at);
    else sayings.say([...key, 'rdma', 'enabled'], false, [...nic.rdma.at, 'enabled']);
    sayings.mapping([...key, 'rdma'], rdma);
    sayings.say([...key, 'rdma', 'mtu'], mtuBytes, [...nic.rdma.at, 'mtu']);
  }
  sayings.mapping([...key, 'offloads'], nic.offloads);
  sayings.said([...key, 'encapsulationOverhead'], nic.encapsulationOverhead);
  if (nic.sriov !== undefined) {
    sayings.say([...key, 'sriov', 'functions'], nic.sriov.functions, [...nic.sriov.at, 'functions']);
    sayings.say([...key, 'sriov', 'mode'], nic.sriov.mode, [...nic.sriov.at, 'mode']);
    for (const one of nic.sriov.each) {
      const place = [...key, 'sriov', 'each', `${one.number}`];
      sayings.say([...place, 'mac'], one.mac === undefined ? undefined : formatMac(one.mac), [...one.at, 'mac']);
      sayings.say([...place, 'vlan'], one.vlan, [...one.at, 'vlan']);
      sayings.say([...place, 'priority'], one.priority, [...one.at, 'priority']);
      sayings.say([...place, 'spoofCheck'], one.spoofCheck, [...one.at, 'spoofCheck']);
      sayings.say([...place, 'trust'], one.trust, [...one.at, 'trust']);
      sayings.say([...place, 'maxRate'], one.maxRateBitsPerSecond, [...one.at, 'maxRate']);
      sayings.say([...place, 'linkState'], one.linkState, [...one.at, 'linkState']);
    }
  }
  sayInterfaces(sayings, key, nic.interfaces);
}

/** The first is that of frames without a tag. */
function sayInterfaces(sayings: Sayings, key: Key, interfaces: readonly NicInterface[]): void {
  for (const on of interfaces) {
    const place = on.vlan === undefined ? key : [...key, 'vlans', `${on.vlan}`];
    if (on.vlan !== undefined) {
      sayings.say([...place, 'present'], true, on.at);
      sayings.say([...place, 'mtu'], on.mtuBytes, [...on.at, 'mtu']);
      sayPriorities(sayings, [...place, 'egress'], on.egress);
      sayPriorities(sayings, [...place, 'ingress'], on.ingress);
    }
    sayAddresses(sayings, place, on);
  }
}

function sayAddresses(sayings: Sayings, key: Key, on: NicInterface): void {
  const addresses = on.addresses.map(({ address, bits }) => `${formatIp(address)}/${bits}`);
  if (addresses.length > 0) sayings.say([...key, 'addresses'], addresses, [...on.at, 'addresses']);
  if (on.dhcp) sayings.say([...key, 'dhcp'], true, [...on.at, 'dhcp']);
  if (on.autoconfigure) sayings.say([...key, 'autoconfigure'], true, [...on.at, 'autoconfigure']);
}

function sayPriorities(sayings: Sayings, key: Key, map: PriorityMap | undefined): void {
  for (const { from, to } of map?.entries ?? []) sayings.say([...key, `${from}`], to, [...map!.at, `${from}`]);
}

function sayTeaming(sayings: Sayings, key: Key, teaming: Teaming): void {
  sayings.said([...key, 'mode'], teaming.mode);
  for (const list of ['active', 'standby', 'unused'] as const) {
    const references = teaming[list];
    if (references !== undefined && references.length > 0) sayings.say([...key, list], textsOf(references), references[0]!.at);
  }
  sayings.said([...key, 'hash'], teaming.hash);
  sayings.said([...key, 'lacpRate'], teaming.lacpRate);
  sayings.said([...key, 'lacpActive'], teaming.lacpActive);
  sayings.said([...key, 'detection'], teaming.detection);
  sayings.said([...key, 'failback'], teaming.failback);
  sayings.said([...key, 'notifySwitches'], teaming.notifySwitches);
}

function sayTeam(sayings: Sayings, key: Key, team: Team): void {
  const { at } = team;
  sayings.say([...key, 'nics'], textsOf(team.nics), [...at, 'nics']);
  sayTeaming(sayings, key, team.teaming);
  sayings.say([...key, 'mac'], team.mac === undefined ? undefined : formatMac(team.mac), [...at, 'mac']);
  sayings.say([...key, 'mtu'], team.mtuBytes, [...at, 'mtu']);
  sayInterfaces(sayings, key, team.interfaces);
}

const saySecurity = (sayings: Sayings, key: Key, security: SecurityPolicy, at: Path): void =>
  sayings.mapping([...key, 'security'], { at: [...at, 'security'], ...security });

function sayVirtualSwitch(sayings: Sayings, key: Key, one: VirtualSwitch): void {
  const { at } = one;
  sayings.say([...key, 'kind'], one.kind, at);
  if (one.uplinks.length > 0) sayings.say([...key, 'uplinks'], textsOf(one.uplinks), [...at, 'uplinks']);
  sayings.say([...key, 'ports'], one.ports, [...at, 'ports']);
  sayings.said([...key, 'mtu'], one.mtu);
  sayTeaming(sayings, [...key, 'teaming'], one.teaming);
  saySecurity(sayings, key, one.security, at);
  sayings.say([...key, 'embeddedTeaming'], one.embeddedTeaming, [...at, 'embeddedTeaming']);
  sayings.say([...key, 'sriov'], one.sriov, [...at, 'sriov']);
  for (const group of one.portGroups) sayPortGroup(sayings, [...key, 'portGroups', group.name], group);
}

/** A bridge has no port groups but VLANs of its ports: what follows for them, and for the machine's own interfaces. */
function sayBridge(sayings: Sayings, one: VirtualSwitch, nics: readonly VirtualNic[]): void {
  if (one.portGroups.length === 0) return;
  const { untagged, tagged } = carriedByBridge(one);
  for (const uplink of one.uplinks) {
    const key = ['virtualSwitches', one.name, 'carried', uplink.text];
    sayings.quietly([...key, 'untagged'], untagged, uplink.at);
    sayings.quietly([...key, 'tagged'], tagged, uplink.at);
  }
  const groups = new Map(one.portGroups.map((group) => [group.name, group]));
  for (const nic of nics) {
    const group = groups.get(nic.portGroup?.text ?? '');
    if (group === undefined) continue;
    const key = ['virtualNics', nic.name];
    if (nic.virtualSwitch === undefined) sayings.quietly([...key, 'virtualSwitch'], one.name, nic.at);
    if (nic.vlan === undefined) sayings.quietly([...key, 'vlan'], group.vlan?.value ?? 0, nic.at);
  }
}

function sayPortGroup(sayings: Sayings, key: Key, group: PortGroupPlace): void {
  const { at } = group;
  sayings.say([...key, 'present'], true, at);
  sayings.said([...key, 'vlan'], group.vlan);
  if (group.trunk !== undefined) sayings.say([...key, 'trunk'], vlanText(group.trunk.value), group.trunk.at);
  sayTeaming(sayings, [...key, 'teaming'], group.teaming);
  saySecurity(sayings, key, group.security, at);
}

function sayVirtualNic(sayings: Sayings, key: Key, one: VirtualNic): void {
  const { at } = one;
  sayings.say([...key, 'portGroup'], one.portGroup?.text, [...at, 'portGroup']);
  sayings.say([...key, 'virtualSwitch'], one.virtualSwitch?.text, [...at, 'virtualSwitch']);
  sayings.said([...key, 'vlan'], one.vlan);
  sayings.said([...key, 'mtu'], one.mtu);
  sayings.say([...key, 'mac'], one.mac === undefined ? undefined : formatMac(one.mac), [...at, 'mac']);
  if (one.services.length > 0) sayings.say([...key, 'services'], one.services.toSorted(), [...at, 'services']);
  sayings.said([...key, 'rdma'], one.rdma);
  sayings.said([...key, 'priorityTag'], one.priorityTag);
  sayings.say([...key, 'uplink'], one.uplink?.text, [...at, 'uplink']);
  sayAddresses(sayings, key, one.interface);
}
