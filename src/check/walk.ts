/** Ways through the model that several rules take. */
import { memoized } from '../base/memoized.ts';
import type { Adapter, Host, ServerReference } from '../fabric/host-model.ts';
import type { Chap, Fabric } from '../fabric/model.ts';

/** Everything that asks for CHAP, access to targets and discovery, and everything that answers it: adapters and boot agents of hosts. */
export function chapsOf(fabric: Fabric): Chap[] {
  const discovery = fabric.arrays.map((array) => array.discoveryChap);
  const access = fabric.arrays.flatMap((array) => array.targets).flatMap((target) => (target.access ?? []).map((entry) => entry.chap));
  const hosts = adaptersOf(fabric).flatMap(({ adapter }) => [adapter, ...adapter.servers, ...adapter.targets].map(({ chap }) => chap));
  const booting = fabric.hosts.flatMap(({ machine }) => machine.nics).flatMap(({ boot }) => (boot?.targets ?? []).map(({ chap }) => chap));
  return [...discovery, ...access, ...hosts, ...booting].filter((chap) => chap !== undefined);
}

export const adaptersOf = memoized((fabric: Fabric): readonly { readonly host: Host; readonly adapter: Adapter }[] =>
  fabric.hosts.flatMap((host) => host.adapters.map((adapter) => ({ host, adapter }))),
);

/** All that an adapter connects to by itself. */
export const serversOf = (adapter: Adapter): ServerReference[] => [
  ...adapter.servers.map(({ server }) => server),
  ...adapter.targets.flatMap(({ address }) => address ?? []),
];

export const hostsByAdapter = memoized(
  (fabric: Fabric): ReadonlyMap<Adapter, Host> => new Map(adaptersOf(fabric).map(({ host, adapter }) => [adapter, host] as const)),
);
