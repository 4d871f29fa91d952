/** Which adapter has which ports, and which guests have which virtual functions, as several rules need it. */
import { addTo } from '../base/grouped.ts';
import { memoized } from '../base/memoized.ts';
import type { AdapterModel } from '../fabric/adapters/adapter-model.ts';
import { CXL } from '../fabric/adapters/chelsio-driver.ts';
import type { Driver, Machine, NetworkAdapter, Nic } from '../fabric/network/model.ts';
import { machinesOf } from '../fabric/network/plan.ts';
import type { Fabric } from '../fabric/model.ts';
import type { VirtualMachine, VmNic } from '../fabric/virtual/model.ts';

/** A port that an adapter lists. */
export interface SlotPort {
  readonly nic: Nic;
  readonly slot: Slot;
  /** Which of its ports, from 0. */
  readonly index: number;
}

export interface Slot {
  readonly node: string;
  readonly machine: Machine;
  readonly adapter: NetworkAdapter;
  readonly ports: readonly SlotPort[];
}

/** Adapters with those of their ports that there are. */
export const slotsOf = memoized((fabric: Fabric): readonly Slot[] =>
  machinesOf(fabric).flatMap(({ name, machine }) => {
    if (machine.adapters.length === 0) return [];
    const nics = new Map(machine.nics.map((nic) => [nic.name, nic]));
    return machine.adapters.map((adapter) => {
      const ports: SlotPort[] = [];
      const slot = { node: name, machine, adapter, ports };
      adapter.ports.forEach(({ text }, index) => {
        const nic = nics.get(text);
        if (nic !== undefined) ports.push({ nic, slot, index });
      });
      return slot;
    });
  }),
);

/** The adapter of a port. Where two list it the first counts. */
export const slotPortByNic = memoized((fabric: Fabric): ReadonlyMap<Nic, SlotPort> => {
  const byNic = new Map<Nic, SlotPort>();
  for (const { ports } of slotsOf(fabric)) for (const port of ports) if (!byNic.has(port.nic)) byNic.set(port.nic, port);
  return byNic;
});

/** Machines with the ESXi driver of Chelsio, and its adapters there in the order they were written. */
export const cxlSlotsOf = memoized((fabric: Fabric): ReadonlyMap<Machine, readonly Slot[]> => {
  const byMachine = new Map<Machine, Slot[]>();
  for (const slot of slotsOf(fabric)) {
    if (slot.machine.os !== 'esxi' || slot.adapter.model.vendor !== CXL.vendor) continue;
    addTo(byMachine, slot.machine, slot);
  }
  return byMachine;
});

/** A parameter that the driver is given; undefined: not said. */
export const cxlParameter = (machine: Machine, parameter: string): Driver['parameters'][number] | undefined =>
  machine.drivers.find(({ name }) => name === CXL.name)?.parameters.find(({ name }) => name === parameter);

/** A virtual function that a guest is given. */
export interface GivenFunction {
  readonly node: string;
  readonly machine: Machine;
  readonly vm: VirtualMachine;
  readonly vmNic: VmNic;
  readonly given: NonNullable<VmNic['function']>;
  /** Undefined: the machine has no such port. */
  readonly nic: Nic | undefined;
  /** Undefined: no adapter lists the port. */
  readonly model: AdapterModel | undefined;
}

export const givenFunctionsOf = memoized((fabric: Fabric): readonly GivenFunction[] =>
  machinesOf(fabric).flatMap(({ name: node, machine }) => {
    if (machine.vms.length === 0) return [];
    const nics = new Map(machine.nics.map((nic) => [nic.name, nic]));
    return machine.vms.flatMap((vm) =>
      vm.nics.flatMap((vmNic) => {
        if (vmNic.function === undefined) return [];
        const nic = nics.get(vmNic.function.nic);
        const model = nic === undefined ? undefined : slotPortByNic(fabric).get(nic)?.slot.adapter.model;
        return [{ node, machine, vm, vmNic, given: vmNic.function, nic, model }];
      }),
    );
  }),
);

/** All parameters of cxl in one command, as those that are left out are lost: with these changed. */
export function cxlCommand(machine: Machine, changes: Readonly<Record<string, string | number>>): string {
  const said = machine.drivers.find(({ name }) => name === CXL.name)?.parameters ?? [];
  const all = { ...Object.fromEntries(said.map(({ name, value }) => [name, value])), ...changes };
  const text = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  return `\`esxcfg-module -s "${text.join(' ')}" ${CXL.name}\``;
}

/** `pciPassthru0`: what ESXi calls the device in the file of the guest. */
export const passThroughName = ({ vm, vmNic }: GivenFunction): string =>
  `pciPassthru${vm.nics.filter((nic) => nic.function !== undefined).indexOf(vmNic)}`;

/** `esx1:vm1/eth0`. */
export const guestPlace = ({ node, vm, vmNic }: GivenFunction): string => `${node}:${vm.name}/${vmNic.name}`;
