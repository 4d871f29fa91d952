/** What it takes to start the hosts of a checked fabric: references resolved to portals, secrets' files made relative to where the program runs. */
import { findServer } from './find-server.ts';
import type { Adapter, Host, HostChap, MultipathChoice, ServerReference, SettingChanges, Settings } from './host-model.ts';
import type { Fabric } from './model.ts';
import { type ChapPlan, planChap } from './plan.ts';

export interface HostPlan {
  readonly name: string;
  readonly adapters: readonly AdapterPlan[];
  readonly multipath: MultipathChoice;
}

export interface AdapterPlan {
  readonly name: string;
  readonly initiator: string;
  readonly alias: string | undefined;
  readonly bind: Adapter['bind'];
  readonly servers: readonly ServerPlan[];
  readonly targets: readonly HostTargetPlan[];
  readonly chap: HostChapPlan | undefined;
  readonly settings: Settings;
}

export interface HostChapPlan extends ChapPlan {
  readonly required: boolean;
}

/** A portal of an array that comes up with the hosts, whose port may not be known before; or an address. */
export type EndpointPlan =
  | { readonly kind: 'portal'; readonly array: string; readonly portal: number }
  | { readonly kind: 'address'; readonly host: string; readonly port: number };

export interface ServerPlan {
  readonly server: EndpointPlan;
  readonly chap: HostChapPlan | undefined;
  readonly changes: SettingChanges;
}

export interface HostTargetPlan {
  readonly name: string;
  /** Undefined: only says how to log in to a target that was discovered. */
  readonly address: EndpointPlan | undefined;
  readonly chap: HostChapPlan | undefined;
  readonly changes: SettingChanges;
}

/** `fileName` is where the fabric was read from: paths in it are relative to that file. */
export const planHosts = (fabric: Fabric, fileName: string): HostPlan[] => fabric.hosts.map((host) => planHost(fabric, host, fileName));

function planHost(fabric: Fabric, host: Host, fileName: string): HostPlan {
  const chap = (declared: HostChap | undefined): HostChapPlan | undefined =>
    declared === undefined ? undefined : { ...planChap(declared, fileName), required: declared.required };
  return {
    name: host.name,
    multipath: host.multipath,
    adapters: host.adapters.map((adapter) => ({
      name: adapter.name,
      initiator: adapter.initiator,
      alias: adapter.alias,
      bind: adapter.bind,
      servers: adapter.servers.map((one) => ({ server: planEndpoint(fabric, one.server), chap: chap(one.chap), changes: one.changes })),
      targets: adapter.targets.map((one) => ({
        name: one.name,
        address: one.address === undefined ? undefined : planEndpoint(fabric, one.address),
        chap: chap(one.chap),
        changes: one.changes,
      })),
      chap: chap(adapter.chap),
      settings: adapter.settings,
    })),
  };
}

/** A rule sees to it that what is referred to is there. */
function planEndpoint(fabric: Fabric, server: ServerReference): EndpointPlan {
  if (server.kind === 'address') return { kind: 'address', host: server.address.host, port: server.address.port };
  const found = findServer(fabric, server);
  if (found === undefined) throw new Error(`assertion failed: nobody checked whether there is ${server.text}`);
  return { kind: 'portal', array: found.array.name, portal: found.array.portals.indexOf(found.portal) };
}
