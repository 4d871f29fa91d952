/** Whether a machine of the fabric has a way to an address, as far as the declaration tells. */
import { inPrefix, type IpAddress, isIpv4, isLinkLocal } from '../../wire/ip/address.ts';
import type { NicInterface } from './interface-model.ts';
import type { IpPrefix } from './ip-prefix.ts';
import type { Machine } from './model.ts';

/** Where the machine itself sends and takes IP packets: at its ports, over InfiniBand, at its teams, and its virtual switches. */
const interfacesOf = ({ nics, teams, virtualNics }: Machine): NicInterface[] => [
  ...nics.flatMap(({ interfaces, infiniband }) => [
    ...interfaces,
    ...(infiniband?.ipoib === undefined ? [] : [infiniband.ipoib.interface]),
  ]),
  ...teams.flatMap((team) => team.interfaces),
  ...virtualNics.map((one) => one.interface),
];

/** Networks that the machine has addresses in. */
export const networksOf = (machine: Machine): IpPrefix[] => interfacesOf(machine).flatMap((one) => one.addresses);

/** Addresses of this family may come from others: then nobody knows beforehand which networks there are. */
export const isTold = (machine: Machine, address: IpAddress): boolean =>
  interfacesOf(machine).some((one) => (isIpv4(address) ? one.dhcp : one.autoconfigure));

export function leadsTo(machine: Machine, address: IpAddress): boolean {
  if (isTold(machine, address) || isLinkLocal(address)) return true;
  return [...networksOf(machine), ...machine.routes.map(({ to }) => to)].some((network) =>
    inPrefix(address, network.address, network.bits),
  );
}
