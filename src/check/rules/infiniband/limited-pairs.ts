/** Hosts and arrays that are both limited members of the partition between them, while others in it are full ones. */
import { addTo } from '../../../base/grouped.ts';
import { memoized } from '../../../base/memoized.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import { findServer } from '../../../fabric/find-server.ts';
import { formatIp, inPrefix, parseAddress } from '../../../wire/ip/address.ts';
import type { Finding } from '../../rule.ts';
import { adaptersOf, serversOf } from '../../walk.ts';
import { FULL_MEMBER, ipoibGroups, keysOf, keyText, partitionOf, type Station, stationsOf, subnetByNic } from './subnets.ts';

const addressesOf = (station: Station) => station.infiniband.ipoib?.interface.addresses ?? [];

const stationByAddress = memoized(
  (fabric: Fabric): ReadonlyMap<string, Station> =>
    new Map(stationsOf(fabric).flatMap((station) => addressesOf(station).map(({ address }) => [formatIp(address), station] as const))),
);

const stationsByMachine = memoized((fabric: Fabric): ReadonlyMap<Machine, readonly Station[]> => {
  const byMachine = new Map<Machine, Station[]>();
  for (const station of stationsOf(fabric)) addTo(byMachine, station.machine, station);
  return byMachine;
});

/** The partition that IPoIB of the port runs in; undefined: the port is a full member of it, or in none. */
function limitedIn({ infiniband }: Station): number | undefined {
  const keys = keysOf(infiniband);
  const partition = keys[0] === undefined ? undefined : partitionOf(keys[0]);
  return partition === undefined || keys.includes(partition | FULL_MEMBER) ? undefined : partition;
}

export const limitedPairs = (fabric: Fabric): Finding[] =>
  adaptersOf(fabric).flatMap(({ host, adapter }) => {
    const own = stationsByMachine(fabric).get(host.machine);
    if (own === undefined) return [];
    return serversOf(adapter).flatMap((server): Finding[] => {
      const address = findServer(fabric, server)?.portal.listen.host ?? (server.kind === 'address' ? server.address.host : '');
      const far = stationByAddress(fabric).get(address);
      const parsed = parseAddress(address);
      if (far === undefined || parsed === undefined) return [];
      const near = own.find((station) => addressesOf(station).some((one) => inPrefix(parsed, one.address, one.bits)));
      const partition = limitedIn(far);
      if (near === undefined || partition === undefined || limitedIn(near) !== partition) return [];
      const subnet = subnetByNic(fabric).get(far.nic);
      // Where nobody is a full member, that is told once.
      if (subnet === undefined || subnet !== subnetByNic(fabric).get(near.nic)) return [];
      if (
        ipoibGroups(subnet)
          .get(partition)
          ?.every((one) => limitedIn(one) !== undefined)
      )
        return [];
      return [
        {
          at: server.at,
          message: `\`${near.place}\` and \`${far.place}\`, where \`${server.text}\` is, are both limited members of partition ${keyText(partition)}.`,
          remedy: `Write ${keyText(partition | FULL_MEMBER)} at \`${far.place}\`.`,
          related: [near, far].map((one) => ({ at: [...one.infiniband.at, 'pkeys'], message: `\`${one.place}\`` })),
          restsOn: [near.nic.at, far.nic.at],
        },
      ];
    });
  });
