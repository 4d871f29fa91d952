/** Who does RDMA in a fabric, in which priority, and who talks to whom by it. */
import { addTo } from '../base/grouped.ts';
import { memoized } from '../base/memoized.ts';
import { findServer } from '../fabric/find-server.ts';
import type { Adapter } from '../fabric/host-model.ts';
import type { QosPolicy, Rdma } from '../fabric/lossless/model.ts';
import type { Fabric, Placed, Portal, StorageArray } from '../fabric/model.ts';
import type { Machine, Nic } from '../fabric/network/model.ts';
import type { Path } from '../fabric/problem.ts';
import { addressKey, inPrefix, isLinkLocal, parseAddress, prefixOf, sameAddress } from '../wire/ip/address.ts';
import { type Endpoint, endpointsByNode, endpointsOf } from './endpoints.ts';
import { losslessPortOf, type LosslessPort, pfcOf } from './lossless.ts';
import { isUsed } from './network.ts';
import { attachmentsOf, type Segment, segmentsByEndpoint, uplinksByNic } from './segments.ts';
import { adaptersOf } from './walk.ts';

/** An interface whose traffic an adapter port can do by RDMA. */
export interface RdmaEndpoint {
  readonly endpoint: Endpoint;
  readonly nic: Nic;
  readonly rdma: Rdma;
}

const isRoce = ({ kind }: Rdma): boolean => kind === 'roce-v1' || kind === 'roce-v2';

/** Interfaces with addresses at ports whose RDMA is on: of the host itself; at a virtual switch only where RDMA goes through it. */
const rdmaEndpointsOf = memoized((fabric: Fabric): readonly RdmaEndpoint[] =>
  endpointsOf(fabric).flatMap((endpoint) => {
    if (endpoint.kind === 'vm' || !isUsed(endpoint.on)) return [];
    if (endpoint.kind === 'virtual-nic' && endpoint.virtualNic!.rdma?.value !== true) return [];
    return endpoint.nics.flatMap((nic) =>
      nic.rdma?.enabled === true && nic.rdma.kind !== 'infiniband' ? [{ endpoint, nic, rdma: nic.rdma }] : [],
    );
  }),
);

export const roceEndpointsOf = memoized((fabric: Fabric): readonly RdmaEndpoint[] =>
  rdmaEndpointsOf(fabric).filter(({ rdma }) => isRoce(rdma)),
);

export const roceByNic = memoized((fabric: Fabric): ReadonlyMap<Nic, readonly RdmaEndpoint[]> => {
  const byNic = new Map<Nic, RdmaEndpoint[]>();
  for (const one of roceEndpointsOf(fabric)) addTo(byNic, one.nic, one);
  return byNic;
});

export const kindText = ({ kind }: Pick<Rdma, 'kind'>): string => KINDS[kind];
const KINDS = { 'roce-v1': 'RoCE v1', 'roce-v2': 'RoCE v2', iwarp: 'iWARP', infiniband: 'InfiniBand' } as const;

/** `esx1:nic0.20`. */
export const endpointName = ({ node, name }: Endpoint): string => `${node}:${name}`;

/** Policies for RDMA of whatever kind. */
export const isForRdma = (policy: QosPolicy): boolean => policy.match.startsWith('net-direct:') || policy.match === 'smb';

/** A priority that RoCE is given on the machine, and where that is said. */
export interface Mark extends Placed {
  readonly priority: number;
  /** `rdma`, `policy SMB`, `its egress map`. */
  readonly by: string;
}

const rdmaKeyPlace = ({ at }: Rdma, key: string): Path => [...at, key];

/** In the tag of what the interface sends. An egress map counts where it gives all sockets one priority. */
export function marksOf({ endpoint, rdma }: RdmaEndpoint): readonly Mark[] {
  const own = rdma.priority === undefined ? [] : [{ at: rdmaKeyPlace(rdma, 'priority'), priority: rdma.priority, by: '`rdma`' }];
  const policies = endpoint.machine.policies.flatMap((policy) =>
    isForRdma(policy) && policy.priority !== undefined
      ? [{ at: [...policy.at, 'priority'], priority: policy.priority, by: `policy \`${policy.name}\`` }]
      : [],
  );
  const map = endpoint.on.egress;
  const values = new Set(map?.entries.map(({ to }) => to));
  const egress = map === undefined || values.size !== 1 ? [] : [{ at: map.at, priority: [...values][0]!, by: '`egress`' }];
  return [...own, ...policies, ...egress];
}

/** Who has the priority lossy: the adapter, or else the switch ports where the interface comes in. Only where PFC is on and said. */
export function lossyAt(fabric: Fabric, nic: Nic, priority: number): { readonly port: LosslessPort; readonly at: Path } | undefined {
  const station = losslessPortOf(fabric, nic);
  const own = station === undefined ? undefined : pfcOf(fabric, station);
  if (station !== undefined && own !== undefined)
    return own.value.length === 0 || own.value.includes(priority) ? undefined : { port: station, at: own.at };
  for (const { at } of uplinksByNic(fabric).get(nic) ?? []) {
    const port = losslessPortOf(fabric, at.port);
    const pfc = port === undefined || at.port.disabled ? undefined : pfcOf(fabric, port);
    if (pfc !== undefined && pfc.value.length > 0 && !pfc.value.includes(priority)) return { port: port!, at: pfc.at };
  }
  return undefined;
}

/** Switch ports that the interface's frames come in by. */
export const switchPortsOf = (fabric: Fabric, endpoint: Endpoint): LosslessPort[] =>
  attachmentsOf(fabric, endpoint).flatMap(({ uplink }) => losslessPortOf(fabric, uplink.at.port) ?? []);

/** A session over iSER between machines of the fabric. */
export interface IserPair {
  readonly adapter: Adapter;
  readonly by: Placed;
  readonly array: StorageArray;
  readonly portal: Portal;
  /** Interfaces of the host in the portal's network; of other networks too where there are none. */
  readonly initiators: readonly Endpoint[];
  readonly target: Endpoint;
  /** No interface of the host is in the portal's network. */
  readonly routed: boolean;
}

/** Those whose portal is an interface of an array in the network of the fabric. */
export const iserPairsOf = memoized((fabric: Fabric): readonly IserPair[] =>
  adaptersOf(fabric).flatMap(({ host, adapter }) =>
    [
      ...adapter.servers.map((one) => ({ by: one, server: one.server, transport: one.transport ?? adapter.transport })),
      ...adapter.targets.map((one) => ({ by: one, server: one.address, transport: one.transport ?? adapter.transport })),
    ].flatMap(({ by, server, transport }) => {
      if (transport?.value !== 'iser' || server === undefined) return [];
      const found = findServer(fabric, server);
      const address = found === undefined ? undefined : parseAddress(found.portal.listen.host);
      if (found === undefined || address === undefined) return [];
      const has = (endpoint: Endpoint): boolean => endpoint.on.addresses.some((one) => sameAddress(one.address, address));
      const target = endpointsByNode(fabric).get(found.array.name)?.find(has);
      if (target === undefined) return [];
      const own = (endpointsByNode(fabric).get(host.name) ?? []).filter(({ on, kind }) => kind !== 'vm' && on.addresses.length > 0);
      const near = own.filter(({ on }) =>
        on.addresses.some((one) => one.address.length === address.length && inPrefix(address, one.address, one.bits)),
      );
      return [{ adapter, by, ...found, initiators: near.length > 0 ? near : own, target, routed: near.length === 0 && own.length > 0 }];
    }),
  ),
);

/** RDMA of an interface's first port that has any. */
export const rdmaOf = (endpoint: Endpoint): { readonly nic: Nic; readonly rdma: Rdma } | undefined => {
  const nic = endpoint.nics.find(({ rdma }) => rdma !== undefined);
  return nic === undefined ? undefined : { nic, rdma: nic.rdma! };
};

/** Machines with RoCE on a port, by machine. */
export const roceMachinesOf = memoized(
  (fabric: Fabric): readonly { readonly node: string; readonly machine: Machine; readonly nics: readonly Nic[] }[] =>
    [...fabric.hosts, ...fabric.arrays].flatMap(({ name, machine }) => {
      const nics = machine.nics.filter(({ rdma }) => rdma?.enabled === true && isRoce(rdma));
      return nics.length === 0 ? [] : [{ node: name, machine, nics }];
    }),
);

/** Interfaces with RDMA that share a segment and an IP network, of two machines at least. */
export const rdmaNetworksOf = memoized((fabric: Fabric): readonly (readonly RdmaEndpoint[])[] => {
  const numbers = new Map<Segment, number>();
  const networks = new Map<string, RdmaEndpoint[]>();
  for (const one of rdmaEndpointsOf(fabric)) {
    const seen = new Set<string>();
    for (const segment of segmentsByEndpoint(fabric).get(one.endpoint) ?? []) {
      const number = numbers.get(segment) ?? numbers.size;
      numbers.set(segment, number);
      for (const { address, bits } of one.endpoint.on.addresses) {
        if (isLinkLocal(address)) continue;
        const key = `${number} ${addressKey(prefixOf(address, bits))}/${bits}`;
        if (seen.has(key)) continue;
        seen.add(key);
        addTo(networks, key, one);
      }
    }
  }
  return [...networks.values()].filter((list) => new Set(list.map(({ endpoint }) => endpoint.node)).size > 1);
});
