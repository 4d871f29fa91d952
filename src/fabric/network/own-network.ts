/** Which addresses are of the fabric's own network, and which of the machine that it runs on. */
import { formatIp } from '../../wire/ip/address.ts';
import { isWildcard, type PortalAddress } from '../address.ts';
import { networksOf } from './leads-to.ts';
import type { Machine } from './model.ts';

/** The machine has adapter ports, and the address is that of an interface of its own, or stands for all. */
export function isOwnAddress(machine: Machine, address: PortalAddress): boolean {
  if (machine.nics.length === 0) return false;
  if (isWildcard(address)) return true;
  return networksOf(machine).some((own) => formatIp(own.address) === address.host);
}
