/**
 * Where IP traffic leaves and enters a machine, through all layers: an adapter port, a team, an interface at a virtual switch, a virtual machine.
 * Each comes down to the adapter ports that its frames can take and the tag that they have there.
 */
import { addTo } from '../base/grouped.ts';
import type { Adapter } from '../fabric/host-model.ts';
import { machinesOf } from '../fabric/network/plan.ts';
import type { Machine, Nic } from '../fabric/network/model.ts';
import type { NicInterface } from '../fabric/network/interface-model.ts';
import type { Fabric, Placed } from '../fabric/model.ts';
import type { PortGroupPlace, Reference, Team, Teaming, VirtualNic, VirtualSwitch, VmNic } from '../fabric/virtual/model.ts';
import { memoized } from '../base/memoized.ts';
import { adaptersOf } from './walk.ts';

/** The VLAN of a port group whose guests tag their frames themselves. */
export const GUEST_TAGGING = 4095;

export interface Endpoint extends Placed {
  readonly node: string;
  readonly machine: Machine;
  /** `nic0`, `nic0.20`, `bond0.20`, `vmk1`, `vm1/eth0`, `vmhba64`. */
  readonly name: string;
  /** `hba`: an iSCSI adapter with an address of its own. */
  readonly kind: 'nic' | 'team' | 'virtual-nic' | 'vm' | 'hba';
  readonly on: NicInterface;
  /** The name that others refer to it by: without the VLAN. */
  readonly base: string;
  /** Adapter ports that its frames can take; none where something in between is not declared. */
  readonly nics: readonly Nic[];
  /** Tag of its frames on the wire; undefined: none. */
  readonly vlan: number | undefined;
  readonly mtuBytes: number;
  readonly team: Team | undefined;
  readonly virtualSwitch: VirtualSwitch | undefined;
  readonly portGroup: PortGroupPlace | undefined;
  readonly virtualNic: VirtualNic | undefined;
  readonly vmNic: VmNic | undefined;
}

/** Of all hosts and arrays, in the order they were written. Those without addresses too. */
export const endpointsOf = memoized((fabric: Fabric): readonly Endpoint[] => [
  ...machinesOf(fabric).flatMap(({ name, machine }) => machineEndpoints(fabric, name, machine)),
  ...adaptersOf(fabric).flatMap(({ host, adapter }) => hardwareEndpoint(host.name, host.machine, adapter) ?? []),
]);

/** An iSCSI adapter with an address of its own sends by the port that it is part of. */
function hardwareEndpoint(node: string, machine: Machine, { at, name, nic, vlan, address }: Adapter): Endpoint | undefined {
  const port = machine.nics.find((one) => one.name === nic?.text);
  if (port === undefined || address === undefined) return undefined;
  const on: NicInterface = {
    at,
    vlan,
    egress: undefined,
    ingress: undefined,
    mtuBytes: port.mtuBytes,
    addresses: [address],
    dhcp: false,
    autoconfigure: false,
    dhcpServer: undefined,
    advertise: [],
  };
  return { ...NONE, at, node, machine, kind: 'hba', name, base: name, on, nics: [port], vlan, mtuBytes: port.mtuBytes };
}

/** By node. */
export const endpointsByNode = memoized((fabric: Fabric): ReadonlyMap<string, readonly Endpoint[]> => {
  const byNode = new Map<string, Endpoint[]>();
  for (const one of endpointsOf(fabric)) addTo(byNode, one.node, one);
  return byNode;
});

const NONE = { team: undefined, virtualSwitch: undefined, portGroup: undefined, virtualNic: undefined, vmNic: undefined };

const named = (base: string, vlan: number | undefined): string => (vlan === undefined ? base : `${base}.${vlan}`);

function machineEndpoints(fabric: Fabric, node: string, machine: Machine): Endpoint[] {
  return [
    ...machine.nics.flatMap((nic) =>
      nic.interfaces.map((on): Endpoint => {
        const { at, vlan, mtuBytes } = on;
        return { ...NONE, at, node, machine, kind: 'nic', name: named(nic.name, vlan), base: nic.name, on, nics: [nic], vlan, mtuBytes };
      }),
    ),
    ...machine.teams.flatMap((team) =>
      team.interfaces.map((on): Endpoint => {
        const { at, vlan, mtuBytes } = on;
        const nics = nicsNamed(machine, team.nics);
        return { ...NONE, at, node, machine, kind: 'team', name: named(team.name, vlan), base: team.name, on, nics, vlan, mtuBytes, team };
      }),
    ),
    ...machine.virtualNics.map((one): Endpoint => {
      const { at, name, interface: on } = one;
      const plugged = pluggedInto(fabric, machine, one.portGroup, one.virtualSwitch);
      const vlan = tagOf(plugged.portGroup, one.vlan?.value);
      const mtuBytes = on.mtuBytes;
      return { ...NONE, ...plugged, at, node, machine, kind: 'virtual-nic', name, base: name, on, vlan, mtuBytes, virtualNic: one };
    }),
    ...machine.vms.flatMap((vm) =>
      vm.nics.map((one): Endpoint => {
        const name = `${vm.name}/${one.name}`;
        const through =
          one.function === undefined
            ? pluggedInto(fabric, machine, one.portGroup, undefined)
            : {
                nics: nicsNamed(machine, [{ at: one.function.at, text: one.function.nic }]),
                virtualSwitch: undefined,
                portGroup: undefined,
              };
        const vlan = one.function === undefined ? tagOf(through.portGroup, undefined, one.vlan) : functionTag(machine, one);
        const { at, interface: on, mtuBytes } = one;
        return { ...NONE, ...through, at, node, machine, kind: 'vm', name, base: name, on, vlan, mtuBytes, vmNic: one };
      }),
    ),
  ];
}

/** The virtual function's own VLAN, else the guest's. */
function functionTag(machine: Machine, { function: given, vlan }: VmNic): number | undefined {
  const nic = machine.nics.find(({ name }) => name === given!.nic);
  return nic?.sriov?.each.find(({ number }) => number === given!.number)?.vlan ?? vlan;
}

/** A port group of VLAN 0 sends without tags; one of 4095 leaves tags to the guest. */
function tagOf(portGroup: PortGroupPlace | undefined, own: number | undefined, guest?: number): number | undefined {
  const vlan = portGroup?.vlan?.value ?? own;
  if (portGroup?.trunk !== undefined || vlan === GUEST_TAGGING) return guest ?? own;
  return vlan === 0 ? undefined : vlan;
}

/** Adapter ports of these names; teams stand for theirs. What is not declared is left out: a rule says so. */
export function nicsNamed(machine: Machine, references: readonly Reference[]): Nic[] {
  const nics = references.flatMap(({ text }) => {
    const nic = machine.nics.find(({ name }) => name === text);
    if (nic !== undefined) return [nic];
    const team = machine.teams.find(({ name }) => name === text);
    return team === undefined ? [] : team.nics.flatMap((one) => machine.nics.filter(({ name }) => name === one.text));
  });
  return [...new Set(nics)];
}

interface Plugged {
  readonly nics: readonly Nic[];
  readonly virtualSwitch: VirtualSwitch | undefined;
  readonly portGroup: PortGroupPlace | undefined;
}

/** What a name of a port group or a virtual switch leads to on a machine. */
export function pluggedInto(
  fabric: Fabric,
  machine: Machine,
  portGroup: Reference | undefined,
  virtualSwitch: Reference | undefined,
): Plugged {
  for (const one of machine.virtualSwitches) {
    if (virtualSwitch !== undefined && one.name !== virtualSwitch.text) continue;
    const group = portGroup === undefined ? undefined : portGroupsOf(fabric, one).find(({ name }) => name === portGroup.text);
    if (group === undefined && portGroup !== undefined && one.name !== portGroup.text) continue;
    if (group === undefined && portGroup === undefined && virtualSwitch === undefined) continue;
    return { nics: nicsInUse(machine, one, teamingOf(fabric, one, group)), virtualSwitch: one, portGroup: group };
  }
  return { nics: [], virtualSwitch: undefined, portGroup: undefined };
}

/** Of a distributed switch those of all its hosts. */
export function portGroupsOf(fabric: Fabric, one: VirtualSwitch): readonly PortGroupPlace[] {
  if (one.kind !== 'distributed') return one.portGroups;
  return [...one.portGroups, ...(fabric.distributedSwitches.find(({ name }) => name === one.name)?.portGroups ?? [])];
}

/** What counts for a port group: its own teaming, then that of the switch, then that of the distributed switch. */
export function teamingOf(fabric: Fabric, one: VirtualSwitch, group: PortGroupPlace | undefined): Teaming {
  const wide = one.kind === 'distributed' ? fabric.distributedSwitches.find(({ name }) => name === one.name)?.teaming : undefined;
  const layers = [group?.teaming, one.teaming, wide].filter((layer) => layer !== undefined);
  const first = <Key extends keyof Teaming>(key: Key): Teaming[Key] =>
    layers.find((layer) => layer[key] !== undefined)?.[key] as Teaming[Key];
  return {
    mode: first('mode'),
    active: first('active'),
    standby: first('standby'),
    unused: first('unused'),
    hash: first('hash'),
    lacpRate: first('lacpRate'),
    lacpActive: first('lacpActive'),
    detection: first('detection'),
    failback: first('failback'),
    notifySwitches: first('notifySwitches'),
  };
}

/** The MTU of a virtual switch: its own, else that of the distributed switch; undefined: not said (1500). */
export const virtualMtuOf = (fabric: Fabric, one: VirtualSwitch) =>
  one.mtu ?? (one.kind === 'distributed' ? fabric.distributedSwitches.find(({ name }) => name === one.name)?.mtu : undefined);

/** Uplinks that a port group can use: without those it lists as unused, or only those it lists at all. */
function nicsInUse(machine: Machine, one: VirtualSwitch, teaming: Teaming): Nic[] {
  const listed = teaming.active === undefined ? one.uplinks : [...teaming.active, ...(teaming.standby ?? [])];
  const uplinks = nicsNamed(machine, one.uplinks);
  const unused = new Set(nicsNamed(machine, teaming.unused ?? []));
  const wanted = nicsNamed(machine, listed);
  return uplinks.filter((nic) => !unused.has(nic) && (teaming.active === undefined || wanted.includes(nic)));
}
