/** Ports are `1/17` (`ethernet 1/17` in commands; `Eth1/17` and `17` are taken too), aggregations are the numbers of port-channels: `7`. */
import { spelledBy } from '../running-config/interface-names.ts';

const CHANNEL_MOST = 4096;

/** Undefined: Onyx calls no port so. */
export function portOf(name: string): string | undefined {
  // These switches have one slot: a fabric file that counts its ports means those of it.
  if (/^[1-9]\d{0,2}$/.test(name)) return `1/${name}`;
  return /^(?:ethernet|eth)?(\d{1,2}\/\d{1,3}(?:\/\d)?)$/i.exec(name)?.[1];
}

/** Undefined: it has no number that a port-channel can have. */
export function channelOf(name: string): string | undefined {
  const digits = /^(?:port-channel|po)?(\d{1,4})$/i.exec(name)?.[1];
  return digits !== undefined && Number(digits) >= 1 && Number(digits) <= CHANNEL_MOST ? `${Number(digits)}` : undefined;
}

/** A declared setting with names as the device prints them. */
export const spelled = spelledBy(portOf, channelOf);
