/** Which logins of hosts to arrays of the same fabric there will be, as far as the declaration tells. */
import { memoized } from '../base/memoized.ts';
import { findServer } from '../fabric/find-server.ts';
import { type Adapter, type DiscoveryServer, type HostChap, type HostTarget, type Settings, settingsOf } from '../fabric/host-model.ts';
import { type Access, type Fabric, type Placed, type Portal, portalsOf, type StorageArray, type Target } from '../fabric/model.ts';
import { adaptersOf } from './walk.ts';

export interface Login {
  readonly adapter: Adapter;
  readonly array: StorageArray;
  readonly target: Target;
  /** The entry of the target's access list that lets it in; undefined: the target has no list. */
  readonly access: Access | undefined;
  readonly chap: HostChap | undefined;
  readonly settings: Settings;
  /** What leads to it: a target that was given, or a discovery server. */
  readonly by: Placed;
}

export interface ArrayDiscovery {
  readonly adapter: Adapter;
  readonly server: DiscoveryServer;
  readonly array: StorageArray;
  readonly portal: Portal;
}

/** Discovery servers that are portals of the fabric. */
export const discoveriesOf = memoized((fabric: Fabric): readonly ArrayDiscovery[] =>
  adaptersOf(fabric).flatMap(({ adapter }) =>
    adapter.servers.flatMap((server) => {
      const found = findServer(fabric, server.server);
      return found === undefined ? [] : [{ adapter, server, ...found }];
    }),
  ),
);

export interface StaticTarget {
  readonly adapter: Adapter;
  readonly given: HostTarget;
  readonly array: StorageArray;
  readonly portal: Portal;
  /** Undefined: there is none such at the portal. */
  readonly target: Target | undefined;
}

/** Targets given at portals of the fabric. */
export const staticsOf = memoized((fabric: Fabric): readonly StaticTarget[] =>
  adaptersOf(fabric).flatMap(({ adapter }) =>
    adapter.targets.flatMap((given) => {
      const found = given.address === undefined ? undefined : findServer(fabric, given.address);
      if (found === undefined) return [];
      const named = found.array.targets.find(({ name }) => name === given.name);
      const target = named !== undefined && portalsOf(found.array, named).includes(found.portal) ? named : undefined;
      return [{ adapter, given, ...found, target }];
    }),
  ),
);

/** False: the target refuses the initiator. */
export function admits(target: Target, initiator: string): Access | undefined | false {
  if (target.access === undefined) return undefined;
  const entry = target.access.find((one) => one.initiator === initiator) ?? target.access.find((one) => one.initiator === 'any');
  return entry ?? false;
}

/** Those that the target's access list lets in; who is sent elsewhere is none of them. */
export const loginsOf = memoized((fabric: Fabric): readonly Login[] => {
  const given = staticsOf(fabric).flatMap(({ adapter, given: by, array, target }) => {
    const access = target === undefined ? false : admits(target, adapter.initiator);
    if (target === undefined || target.redirect !== undefined || access === false) return [];
    const chap = by.chap ?? adapter.chap;
    return [{ adapter, array, target, access, chap, settings: settingsOf(adapter, by.changes), by }];
  });
  const discovered = discoveriesOf(fabric).flatMap(({ adapter, server, array }) =>
    array.targets.flatMap((target) => {
      const access = admits(target, adapter.initiator);
      if (target.redirect !== undefined || access === false) return [];
      const own = adapter.targets.find(({ name, address }) => name === target.name && address === undefined);
      const chap = own?.chap ?? server.chap ?? adapter.chap;
      return [{ adapter, array, target, access, chap, settings: settingsOf(adapter, { ...server.changes, ...own?.changes }), by: server }];
    }),
  );
  return [...given, ...discovered];
});
