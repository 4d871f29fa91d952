/** Ports have their kind in their name: `GigabitEthernet1/0/17`, or short `Gi1/0/17`. Aggregations are the numbers of port channels: `7`. */
import { spelledBy } from '../running-config/interface-names.ts';

const KINDS = [
  'FastEthernet',
  'GigabitEthernet',
  'TwoGigabitEthernet',
  'FiveGigabitEthernet',
  'TenGigabitEthernet',
  'FortyGigabitEthernet',
] as const;

/** `gi` is enough of `GigabitEthernet`. Undefined: no kind of port begins so. */
export function kindOf(word: string): string | undefined {
  const start = word.toLowerCase();
  return start.length < 2 ? undefined : KINDS.find((kind) => kind.toLowerCase().startsWith(start));
}

/** With its whole kind. Undefined: IOS calls no port so. */
export function portOf(name: string): string | undefined {
  const match = /^([A-Za-z]{2,24})(\d{1,2}(?:\/\d{1,3}){1,2})$/.exec(name);
  const kind = match === null ? undefined : kindOf(match[1]!);
  return kind === undefined ? undefined : `${kind}${match![2]!}`;
}

/** As tables of IOS have it: `Gi1/0/17`. */
export const shortPort = (name: string): string => name.replace(/^([A-Z][a-z])[A-Za-z]*/, '$1');

/** Undefined: it has no number that a port channel can have. */
export function channelOf(name: string): string | undefined {
  const digits = /^(?:port-channel|po)?(\d{1,3})$/i.exec(name)?.[1];
  return digits !== undefined && Number(digits) >= 1 && Number(digits) <= 256 ? `${Number(digits)}` : undefined;
}

/** A declared setting with names as this room reads them. */
export const spelled = spelledBy(portOf, channelOf);
