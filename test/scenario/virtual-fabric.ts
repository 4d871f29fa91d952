/** A whole fabric from its file, in virtual time: network, arrays over memory, hosts. The same seed gives the same run. */
import { type Nanos, SECOND } from '../../src/base/clock.ts';
import type { FabricEvent } from '../../src/base/event.ts';
import { seededRng } from '../../src/base/rng.ts';
import { checkText } from '../../src/check/check-fabric.ts';
import { Host, type HostDevice } from '../../src/device/host.ts';
import type { Machine } from '../../src/device/machine.ts';
import type { StorageArray } from '../../src/device/storage-array.ts';
import { buildArray } from '../../src/fabric/build.ts';
import { adapterConfig, multipathLimits } from '../../src/fabric/build-host.ts';
import { type BuiltLink, buildNetwork, type Network } from '../../src/fabric/network/build.ts';
import { planHosts } from '../../src/fabric/host-plan.ts';
import { planNetwork } from '../../src/fabric/network/plan.ts';
import { planArrays } from '../../src/fabric/plan.ts';
import { dialOver, listenOn } from '../../src/os/network/stack-sockets.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';

export interface VirtualFabric {
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly arrays: readonly StorageArray[];
  readonly hosts: readonly Host[];
  readonly events: FabricEvent[];
  /** `1.234567 tor1: the root is ...`, for comparing runs. */
  readonly log: readonly string[];
  run(nanos: Nanos): void;
  machine(name: string): Machine;
  /** The link at a port, such as `tor1:47`. */
  link(end: string): BuiltLink;
  device(host: string, index: number): HostDevice;
}

const noSecrets = (): Uint8Array => {
  throw new Error('no secrets here');
};

export function virtualFabric(text: string, seed: number): VirtualFabric {
  const { fabric, problems } = checkText(text, 'test.yaml');
  if (fabric === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  const clock = new VirtualClock();
  const events: FabricEvent[] = [];
  const log: string[] = [];
  const sink = (event: FabricEvent): void => {
    events.push(event);
    log.push(`${(clock.now() / SECOND).toFixed(6)} ${event.source}: ${event.message}`);
  };
  const services = { clock, events: sink, rng: seededRng(seed) };
  const plan = planNetwork(fabric, 'test.yaml');
  if (plan === undefined) throw new Error('the fabric has no network');
  const network = buildNetwork({ ...plan, seed }, services);
  for (const { plan: link, link: built } of network.links) if (link.up) built.setUp(true);
  const machine = (name: string): Machine => network.machines.find((one) => one.name === name)!;
  const addresses = new Map<string, string>();
  const arrays = planArrays(fabric, 'test.yaml').map((one) => {
    const array = buildArray(one, {
      ...services,
      readSecret: noSecrets,
      store: (_, unit) => new MemoryStore({ sizeBytes: unit.store.kind === 'memory' ? unit.store.sizeBytes : 0, thin: unit.config.thin }),
      unitOptions: () => ({ defer: (action) => void clock.after(0, action) }),
      announce: (index) => addresses.get(`${one.name} ${index}`),
    });
    for (const [index, portal] of one.portals.entries()) {
      const listener = listenOn(machine(one.name), portal.host, portal.port, (stream) => {
        const { receiver, attach } = array.service.accept(array.service.portals[index]!);
        attach(stream);
        return receiver;
      });
      addresses.set(`${one.name} ${index}`, listener!.address);
    }
    return array;
  });
  const resolve = (endpoint: Parameters<Parameters<typeof adapterConfig>[1]['resolve']>[0]) => {
    if (endpoint.kind === 'address') return { host: endpoint.host, port: endpoint.port };
    const [host, port] = addresses.get(`${endpoint.array} ${endpoint.portal}`)!.split(':');
    return { host: host!, port: Number(port) };
  };
  const hosts = planHosts(fabric, 'test.yaml').map(
    (one) =>
      new Host({
        ...services,
        name: one.name,
        defer: (action) => void clock.after(0, action),
        allocate: (bytes) => new Uint8Array(bytes),
        multipath: multipathLimits(one.multipath),
        adapters: one.adapters.map((adapter) => ({
          name: adapter.name,
          config: adapterConfig(adapter, { readSecret: noSecrets, resolve }),
          dial: dialOver(machine(one.name), adapter.bind),
        })),
        handleChange: () => {},
      }),
  );
  for (const host of hosts) host.rescan(() => {});
  return {
    clock,
    network,
    arrays,
    hosts,
    events,
    log,
    machine,
    run: (nanos) => clock.run(clock.now() + nanos),
    link: (end) => network.links.find(({ plan: { ends } }) => ends.some(({ node, port }) => `${node}:${port}` === end))!,
    device: (name, index) => [...hosts.find((one) => one.name === name)!.devices.values()][index]!,
  };
}
