/** Layers that a declaration can have and the rules look at, though nothing of them runs yet: `samewire up` says so instead of pretending. */
import { machinesOf } from './network/plan.ts';
import type { Dcb } from './lossless/model.ts';
import type { Fabric } from './model.ts';
import type { Machine, Nic, Switch } from './network/model.ts';

const ofMachines =
  (holds: (machine: Machine) => boolean) =>
  (fabric: Fabric): boolean =>
    machinesOf(fabric).some(({ machine }) => holds(machine));

const ofNics = (holds: (nic: Nic) => boolean) => ofMachines(({ nics }) => nics.some(holds));

const ofSwitches =
  (holds: (one: Switch) => boolean) =>
  (fabric: Fabric): boolean =>
    fabric.switches.some(holds);

const isSaid = (dcb: Dcb): boolean => Object.values(dcb).some((one) => one !== undefined);

const LAYERS: readonly { readonly what: string; readonly has: (fabric: Fabric) => boolean }[] = [
  { what: 'teams', has: ofMachines(({ teams }) => teams.length > 0) },
  { what: 'aggregations (their links run one by one)', has: ofSwitches(({ aggregations }) => aggregations.length > 0) },
  {
    what: 'virtual switches and what is plugged into them',
    has: (fabric) =>
      fabric.distributedSwitches.length > 0 ||
      ofMachines(({ virtualSwitches, virtualNics, vms }) => virtualSwitches.length + virtualNics.length + vms.length > 0)(fabric),
  },
  { what: 'virtual functions', has: ofNics(({ sriov }) => sriov !== undefined) },
  { what: 'partitions of ports', has: ofNics(({ partitions }) => partitions !== undefined) },
  {
    what: 'DCB and flow control',
    has: (fabric) =>
      ofNics(({ dcb, flowControl }) => isSaid(dcb) || flowControl !== undefined)(fabric) ||
      ofSwitches(({ dcb, ports }) => isSaid(dcb) || ports.some((port) => isSaid(port.dcb) || port.flowControl !== undefined))(fabric),
  },
  { what: 'policies of the operating system', has: ofMachines(({ policies }) => policies.length > 0) },
  { what: 'RDMA', has: ofNics(({ rdma }) => rdma !== undefined) },
  {
    what: 'iSER (sessions run over TCP)',
    has: ({ arrays, hosts }) =>
      arrays.some(({ portals }) => portals.some(({ iser }) => iser)) ||
      hosts.some(({ adapters }) =>
        adapters.some((adapter) => [adapter, ...adapter.servers, ...adapter.targets].some(({ transport }) => transport?.value === 'iser')),
      ),
  },
  {
    what: 'iSCSI adapters in hardware',
    has: ({ hosts }) => hosts.some(({ adapters }) => adapters.some(({ kind }) => kind !== 'software')),
  },
  { what: 'FCoE', has: ofNics(({ fcoe }) => fcoe !== undefined) },
  { what: 'boot agents', has: ofNics(({ boot }) => boot !== undefined && boot.protocol !== 'none') },
  {
    what: 'InfiniBand',
    has: (fabric) =>
      ofNics(({ infiniband, portType }) => infiniband !== undefined || portType === 'infiniband')(fabric) ||
      ofSwitches(({ kind }) => kind === 'infiniband')(fabric),
  },
  { what: 'VXLAN between hosts', has: ({ vxlan }) => vxlan !== undefined },
  { what: 'switches as routers', has: ofSwitches(({ vlans }) => vlans?.some(({ addresses }) => addresses.length > 0) === true) },
  { what: 'MTUs of single switch ports', has: ofSwitches(({ ports }) => ports.some(({ mtu }) => mtu !== undefined)) },
  { what: 'parameters of drivers', has: ofMachines(({ drivers }) => drivers.length > 0) },
];

/** What of the fabric is only checked, in words; none: all of it runs. */
export const onlyChecked = (fabric: Fabric): readonly string[] => LAYERS.filter(({ has }) => has(fabric)).map(({ what }) => what);
