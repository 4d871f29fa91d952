/** What sessions of hosts run over, as far as the declaration tells. */
import { memoized } from '../../../base/memoized.ts';
import { findServer } from '../../../fabric/find-server.ts';
import type { Adapter, DiscoveryServer, Host, HostTarget, Transport } from '../../../fabric/host-model.ts';
import type { Said } from '../../../fabric/lossless/model.ts';
import type { Fabric, Portal, StorageArray } from '../../../fabric/model.ts';
import { adaptersOf } from '../../walk.ts';

export interface Way {
  readonly host: Host;
  readonly adapter: Adapter;
  /** The discovery server or target that leads there. */
  readonly by: DiscoveryServer | HostTarget;
  readonly transport: Said<Transport> | undefined;
  /** Undefined: not of this fabric. */
  readonly to: { readonly array: StorageArray; readonly portal: Portal } | undefined;
}

export const waysOf = memoized((fabric: Fabric): readonly Way[] =>
  adaptersOf(fabric).flatMap(({ host, adapter }) => [
    ...adapter.servers.map((by) => ({
      host,
      adapter,
      by,
      transport: by.transport ?? adapter.transport,
      to: findServer(fabric, by.server),
    })),
    ...adapter.targets.flatMap((by) =>
      by.address === undefined
        ? []
        : [{ host, adapter, by, transport: by.transport ?? adapter.transport, to: findServer(fabric, by.address) }],
    ),
  ]),
);

/** Those over RDMA. */
export const iserWaysOf = (fabric: Fabric): (Way & { readonly transport: Said<Transport> })[] =>
  waysOf(fabric).flatMap((way) => (way.transport?.value === 'iser' ? [{ ...way, transport: way.transport }] : []));
