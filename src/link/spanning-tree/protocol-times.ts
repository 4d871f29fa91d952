/** The times that the root hands down with its messages (IEEE 802.1D-2004 §17.19.22, table 17-1). */
import type { BpduInformation } from '../../wire/ethernet/bpdu.ts';

export interface ProtocolTimes {
  readonly messageAgeSeconds: number;
  readonly maxAgeSeconds: number;
  readonly helloTimeSeconds: number;
  readonly forwardDelaySeconds: number;
}

/** Table 17-1, in seconds. Bridges with more patience between hellos than its 2 s are met in the field: up to 10 (IEEE 802.1D-1998 table 8-3). */
export const HELLO_TIME = { least: 1, most: 10, usual: 2 } as const;
export const MAX_AGE = { least: 6, most: 40, usual: 20 } as const;
export const FORWARD_DELAY = { least: 4, most: 30, usual: 15 } as const;
/** Migrate Time, in seconds, is not for changing. */
export const MIGRATE_TIME = 3;
/** Transmit Hold Count: BPDUs that may leave a port within a second. */
export const TRANSMIT_HOLD_COUNT = { least: 1, most: 10, usual: 6 } as const;

const within = (value: number, { least, most }: { readonly least: number; readonly most: number }): number =>
  Math.min(most, Math.max(least, value));

/** What a message says, kept within the table: no peer makes us forward at once, or wait for an hour. */
export const timesOf = (message: BpduInformation): ProtocolTimes => ({
  messageAgeSeconds: Math.min(message.messageAgeSeconds, MAX_AGE.most),
  maxAgeSeconds: within(message.maxAgeSeconds, MAX_AGE),
  helloTimeSeconds: within(message.helloTimeSeconds, HELLO_TIME),
  forwardDelaySeconds: within(message.forwardDelaySeconds, FORWARD_DELAY),
});

export const sameTimes = (one: ProtocolTimes, other: ProtocolTimes): boolean =>
  one.messageAgeSeconds === other.messageAgeSeconds &&
  one.maxAgeSeconds === other.maxAgeSeconds &&
  one.helloTimeSeconds === other.helloTimeSeconds &&
  one.forwardDelaySeconds === other.forwardDelaySeconds;

/** Why these times don't go together (§17.14), or undefined. */
export function timesFault({ maxAgeSeconds, helloTimeSeconds, forwardDelaySeconds }: ProtocolTimes): string | undefined {
  const fields = [
    ['hello time', helloTimeSeconds, HELLO_TIME],
    ['max age', maxAgeSeconds, MAX_AGE],
    ['forward delay', forwardDelaySeconds, FORWARD_DELAY],
  ] as const;
  for (const [name, value, { least, most }] of fields)
    if (!Number.isInteger(value) || value < least || value > most)
      return `the ${name} is ${value} s; it goes from ${least} to ${most} in whole seconds`;
  if (2 * (forwardDelaySeconds - 1) < maxAgeSeconds)
    return `twice the forward delay less a second is below the max age of ${maxAgeSeconds} s`;
  if (maxAgeSeconds < 2 * (helloTimeSeconds + 1)) return `the max age is below twice the hello time and a second`;
  return undefined;
}
