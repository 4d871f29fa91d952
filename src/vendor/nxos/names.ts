/** Ports are `1/17` (`Ethernet1/17` in commands, and taken as a name too, as is `17`), aggregations are the numbers of port channels: `7`. */
import { spelledBy } from '../running-config/interface-names.ts';

/** Undefined: NX-OS calls no port so. */
export function portOf(name: string): string | undefined {
  // A fabric file that counts its ports means those of the first slot: fixed switches have no other.
  if (/^[1-9]\d{0,2}$/.test(name)) return `1/${name}`;
  return /^(?:ethernet|eth|e)?(\d{1,3}\/\d{1,3}(?:\/\d{1,3})?)$/i.exec(name)?.[1];
}

/** Undefined: it has no number that a port channel can have. */
export function channelOf(name: string): string | undefined {
  const digits = /^(?:port-channel|po)?(\d{1,4})$/i.exec(name)?.[1];
  return digits !== undefined && Number(digits) >= 1 && Number(digits) <= 4096 ? `${Number(digits)}` : undefined;
}

/** A declared setting with names as this room reads them. */
export const spelled = spelledBy(portOf, channelOf);
