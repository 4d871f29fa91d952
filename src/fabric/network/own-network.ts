/** Which addresses are of the fabric's own network, and which of the machine that it runs on. */
import { formatIp } from '../../wire/ip/address.ts';
import { isWildcard, type PortalAddress } from '../address.ts';
import type { Machine } from './model.ts';

/** The machine has adapter ports, and the address is of one of them, or stands for all. */
export function isOwnAddress(machine: Machine, address: PortalAddress): boolean {
  if (machine.nics.length === 0) return false;
  if (isWildcard(address)) return true;
  return machine.nics.some((nic) => nic.interfaces.some((one) => one.addresses.some((own) => formatIp(own.address) === address.host)));
}
