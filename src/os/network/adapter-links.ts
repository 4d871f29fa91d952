/** Links come up where somebody wants them to and the adapters at their ends work: one place decides, whoever cuts, mends, flaps or resets. */
import { type Clock, type Nanos, SECOND } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import { linkDown, linkUp } from '../../device/events.ts';
import type { NetworkAdapter } from '../../device/network-adapter.ts';
import type { BuiltLink, Network } from '../../fabric/network/build.ts';
import type { PortPlace } from '../../fabric/network/plan.ts';
import type { PortSplice } from './port-splice.ts';
import { linkText, placeText } from './running-network.ts';

/** A reset takes real adapters from some hundred milliseconds to some seconds. */
const RESET_NANOS: Nanos = SECOND;

export interface AdapterLinks {
  /** Links come up without a word, where that is planned. Adapters have started before. */
  start(): void;
  setUp(one: BuiltLink, up: boolean, why: string): void;
  /** What the world is plugged into follows the adapter of its port. */
  addSplice(place: PortPlace, splice: PortSplice): void;
  /** Resolves when it is over: true, it works again. Undefined: there is no such adapter. */
  reset(machine: string, adapter: string): Promise<boolean> | undefined;
  /** What adapters have to tell ends here, before links go. */
  stop(): void;
}

export function adapterLinks(network: Network, clock: Clock, events: EventSink): AdapterLinks {
  const byPort = new Map<string, NetworkAdapter>();
  for (const machine of network.machines)
    for (const adapter of machine.adapters)
      for (const nic of adapter.nics) byPort.set(placeText({ node: machine.name, port: nic.name }), adapter);
  const wanted = new Map(network.links.map((one) => [one, one.plan.up]));
  const splices: { readonly adapter: NetworkAdapter; readonly splice: PortSplice }[] = [];
  const resets = new Set<() => void>();

  const works = (place: PortPlace): boolean => byPort.get(placeText(place))?.works ?? true;
  const shallBeUp = (one: BuiltLink): boolean => wanted.get(one) === true && one.plan.ends.every(works);
  const settle = (one: BuiltLink, why: string): void => {
    const up = shallBeUp(one);
    if (one.link.carrier === up) return;
    one.link.setUp(up);
    const link = linkText(one.plan);
    if (up) linkUp(events, link, { link });
    else linkDown(events, link, { link, why });
  };
  const follow = (adapter: NetworkAdapter, why: string): void => {
    for (const one of network.links) if (one.plan.ends.some((end) => byPort.get(placeText(end)) === adapter)) settle(one, why);
    for (const one of splices) if (one.adapter === adapter) one.splice.block(!adapter.works);
  };

  return {
    start() {
      for (const one of network.links) if (shallBeUp(one)) one.link.setUp(true);
    },
    setUp(one, up, why) {
      wanted.set(one, up);
      settle(one, why);
    },
    addSplice(place, splice) {
      const adapter = byPort.get(placeText(place));
      if (adapter === undefined) return;
      splices.push({ adapter, splice });
      splice.block(!adapter.works);
    },
    reset(name, adapterName) {
      const adapter = network.machines.find((one) => one.name === name)?.adapters.find((one) => one.name === adapterName);
      if (adapter === undefined) return undefined;
      if (!adapter.beginReset()) return Promise.resolve(false);
      follow(adapter, `${name}/${adapterName} is reset`);
      return new Promise((resolve) => {
        const end = (): void => {
          timer.cancel();
          resets.delete(end);
          adapter.endReset();
          follow(adapter, '');
          resolve(adapter.works);
        };
        const timer = clock.after(RESET_NANOS, end);
        resets.add(end);
      });
    },
    stop() {
      for (const machine of network.machines) for (const adapter of machine.adapters) adapter.stop();
      for (const end of resets) end();
    },
  };
}
