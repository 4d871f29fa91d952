/** Starts the hosts of a fabric over the operating system's TCP, beside the arrays they use, and takes them down before those. */
import type { EventSink } from '../base/event.ts';
import { Host } from '../device/host.ts';
import { type HostReport, hostReport } from '../device/host-report.ts';
import { adapterConfig, multipathLimits } from '../fabric/build-host.ts';
import type { AdapterPlan, EndpointPlan, HostPlan } from '../fabric/host-plan.ts';
import { type IscsiAdapter, targetKey } from '../storage/iscsi/adapter/index.ts';
import { parsePortal, type PortalAddress } from '../storage/iscsi/initiator/index.ts';
import { dialBound } from './host-dial.ts';
import { deferToTurnEnd } from './iscsi/iscsi-session.ts';
import type { RunningNetwork } from './network/running-network.ts';
import type { ReadyReport, SecretReader } from './running.ts';
import { systemRng } from './system-rng.ts';
import { wallClock } from './wall-clock.ts';

export interface HostServices {
  readonly events: EventSink;
  readonly readSecret: SecretReader;
  /** The arrays that are up, with the ports that were picked. */
  readonly arrays: ReadyReport['arrays'];
  /** The network of the fabric; undefined: it has none, and hosts use that of the machine they run on. */
  readonly network?: Pick<RunningNetwork, 'dial' | 'clock'> | undefined;
}

export interface RunningHosts {
  reports(): readonly HostReport[];
  /** Resolves when every host has tried to log in everywhere, and knows its disks; at the latest after `milliseconds`. */
  tried(milliseconds: number): Promise<void>;
  /** What the adapters are told from the next rescan on; gives back what needs a new start instead. Rejects as starting does. */
  configure(plans: readonly HostPlan[]): readonly string[];
  /** Of one host, or all; resolves when it has come to something. */
  rescan(host?: string): Promise<void>;
  /** Removes a static target; the next rescan logs out of it. False: there is none such. */
  forget(host: string, adapter: string, target: string, address: string | undefined): boolean;
  /** Switches a path off or on, as `esxcli storage core path set --state` does; also the last one. False: there is no such path. */
  setPath(host: string, device: string, path: string, state: 'off' | 'active'): boolean;
  /**
   * Resets an adapter: all of its sessions drop, and come back. Gives back how many that were there did not, when that is known. Undefined: there is
   * no such adapter.
   */
  reset(host: string, adapter: string): Promise<number> | undefined;
  /** Logs out everywhere. Asked twice, it gives the same promise. */
  stop(): Promise<void>;
}

/** Rejects with an Error of one clear sentence where a secret can't be had; whatever else goes wrong is tried again and again. */
export type StartHosts = (plans: readonly HostPlan[], services: HostServices) => Promise<RunningHosts>;

interface Running {
  readonly plan: HostPlan;
  readonly host: Host;
}

export const startHosts: StartHosts = async (plans, services) => {
  const { network } = services;
  const clock = network?.clock ?? wallClock();
  const resolve = (endpoint: EndpointPlan): PortalAddress => addressOf(endpoint, services.arrays);
  const configOf = (adapter: AdapterPlan) => adapterConfig(adapter, { readSecret: services.readSecret, resolve });
  const changeListeners = new Set<() => void>();
  const handleChange = (): void => {
    for (const listener of changeListeners) listener();
  };
  const hosts: readonly Running[] = plans.map((plan) => ({
    plan,
    host: new Host({
      name: plan.name,
      clock,
      rng: systemRng,
      events: services.events,
      defer: deferToTurnEnd,
      // Not zeroed: a command's data is what came for it, never the buffer beyond.
      allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
      multipath: multipathLimits(plan.multipath),
      adapters: plan.adapters.map((adapter) => ({
        name: adapter.name,
        config: configOf(adapter),
        dial: network?.dial(plan.name, adapter.bind) ?? dialBound(adapter.bind),
      })),
      handleChange,
    }),
  }));
  const first = Promise.all(hosts.map(({ host }) => rescan(host)));
  let stopped: Promise<void> | undefined;

  const pathsTried = (): Promise<void> =>
    new Promise((done) => {
      const look = (): void => {
        if (!hosts.every(({ host }) => host.isTried)) return;
        changeListeners.delete(look);
        done();
      };
      changeListeners.add(look);
      look();
    });

  const adapterOf = (host: string, adapter: string): IscsiAdapter | undefined =>
    hosts.find((one) => one.plan.name === host)?.host.adapters.find((one) => one.name === adapter);

  return {
    reports: () => hosts.map(({ host }) => hostReport(host)),
    async tried(milliseconds) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((done) => (timer = setTimeout(done, milliseconds)));
      await Promise.race([first.then(pathsTried), late]);
      clearTimeout(timer);
    },
    configure(changed) {
      // All secrets first: if one can't be had, nothing has changed.
      const configs = changed.map((plan) => ({ plan, configs: plan.adapters.map(configOf) }));
      const told: string[] = [];
      for (const { plan, configs: each } of configs) {
        for (const [index, adapter] of plan.adapters.entries()) {
          const running = adapterOf(plan.name, adapter.name);
          if (running === undefined) told.push(`${plan.name}/${adapter.name} is new: it needs a new start.`);
          else {
            const { initiatorName, initiatorAlias } = running.config;
            running.configure({ ...each[index]!, initiatorName, initiatorAlias });
          }
        }
      }
      return [
        ...told,
        ...hosts.flatMap(({ plan }) =>
          needsStart(
            plan,
            changed.find((one) => one.name === plan.name),
          ),
        ),
      ];
    },
    async rescan(name) {
      await Promise.all(hosts.filter(({ plan }) => name === undefined || plan.name === name).map(({ host }) => rescan(host)));
      await pathsTried();
    },
    forget(host, name, target, address) {
      const adapter = adapterOf(host, name);
      const found = adapter?.targets.filter(
        (one) => one.name === target && (address === undefined || targetKey(one).startsWith(`${address} `)),
      );
      // Each of them, not the first that goes.
      return (found ?? []).map((one) => adapter!.forget(one)).includes(true);
    },
    setPath: (name, device, path, state) =>
      hosts.find(({ plan }) => plan.name === name)?.host.setPath(device, path, state === 'active') ?? false,
    reset(host, name) {
      const adapter = adapterOf(host, name);
      return adapter === undefined ? undefined : new Promise((done) => adapter.reset(done));
    },
    stop: () => (stopped ??= Promise.all(hosts.map(({ host }) => new Promise<void>((done) => host.stop(done)))).then(() => {})),
  };
};

const rescan = (host: Host): Promise<void> => new Promise((done) => host.rescan(done));

/** What a running host can't change: who its adapters are, where they connect from, and multipath. */
function needsStart(before: HostPlan, after: HostPlan | undefined): string[] {
  if (after === undefined) return [`${before.name} is in the file no more: it goes with a new start.`];
  const told: string[] = [];
  if (Object.values(before.multipath).join(' ') !== Object.values(after.multipath).join(' '))
    told.push(`${before.name}: another \`multipath\` needs a new start.`);
  for (const adapter of before.adapters) {
    const now = after.adapters.find(({ name }) => name === adapter.name);
    const name = `${before.name}/${adapter.name}`;
    if (now === undefined) told.push(`${name} is in the file no more: it goes with a new start.`);
    else if (
      now.initiator !== adapter.initiator ||
      now.alias !== adapter.alias ||
      JSON.stringify(now.bind) !== JSON.stringify(adapter.bind)
    )
      told.push(`${name}: another \`initiator\`, \`alias\` or \`bind\` needs a new start.`);
  }
  return told;
}

/** From this machine, "every address" is reached on loopback. */
function addressOf(endpoint: EndpointPlan, arrays: ReadyReport['arrays']): PortalAddress {
  if (endpoint.kind === 'address') return { host: endpoint.host, port: endpoint.port };
  const text = arrays[endpoint.array]?.portals[endpoint.portal];
  const address = text === undefined ? undefined : parsePortal(text);
  if (address === undefined) throw new Error(`The portal ${endpoint.portal + 1} of ${endpoint.array} is not up.`);
  const { host, port } = address;
  return { host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port };
}
