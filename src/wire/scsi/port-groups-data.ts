/** What REPORT TARGET PORT GROUPS answers (SPC-5 §6.37) and what SET TARGET PORT GROUPS is given (§6.44). */
import { be16, be32, DecodeError, putBe16 } from '../../base/bytes.ts';

export type AsymmetricAccess =
  | 'active-optimized'
  | 'active-nonoptimized'
  | 'standby'
  | 'unavailable'
  | 'lba-dependent'
  | 'offline'
  | 'transitioning'
  | 'reserved';

/** ASYMMETRIC ACCESS STATE codes (SPC-5 table 309). */
const CODES: Readonly<Record<number, AsymmetricAccess>> = {
  0x0: 'active-optimized',
  0x1: 'active-nonoptimized',
  0x2: 'standby',
  0x3: 'unavailable',
  0x4: 'lba-dependent',
  0xe: 'offline',
  0xf: 'transitioning',
};

export interface PortGroup {
  readonly group: number;
  readonly state: AsymmetricAccess;
  readonly preferred: boolean;
  /** RELATIVE TARGET PORT IDENTIFIERs. */
  readonly ports: readonly number[];
}

export interface PortGroupsReport {
  readonly groups: readonly PortGroup[];
  /** IMPLICIT TRANSITION TIME: so long a transition may take; undefined: the device does not say. */
  readonly transitionSeconds: number | undefined;
  /** All there would be, with the header: more than was asked for means that groups are missing here. */
  readonly wholeBytes: number;
}

/** RETURN DATA FORMAT 001b, extended header (SPC-4 §6.37); the length-only header has no such field, and a group begins there. */
const EXTENDED_FORMAT = 0x10;
const RETURN_FORMAT_MASK = 0x70;

/**
 * `extended`: what was asked for. Devices that don't know the format give the short header all the same. A list of ports may be cut, for want of
 * room, or because the device forgets to count the extended header (Linux's does, and leaves out the last port). Throws DecodeError.
 */
export function decodePortGroupsReport(bytes: Uint8Array, extended: boolean): PortGroupsReport {
  if (bytes.length < 4) throw new DecodeError('scsi-port-groups', bytes.length, 'truncated header');
  const wholeBytes = 4 + be32(bytes, 0);
  // With the short header byte 4 is the first group's, and its reserved bits are zero.
  const hasTime = extended && bytes.length >= 8 && (bytes[4]! & RETURN_FORMAT_MASK) === EXTENDED_FORMAT;
  const seconds = hasTime ? bytes[5]! : 0;
  return {
    groups: groupsFrom(bytes, hasTime ? 8 : 4, Math.min(bytes.length, wholeBytes), true),
    transitionSeconds: seconds === 0 ? undefined : seconds,
    wholeBytes,
  };
}

/** Of a report with the length-only header. Throws DecodeError. */
export function decodePortGroups(bytes: Uint8Array): readonly PortGroup[] {
  if (bytes.length < 4) throw new DecodeError('scsi-port-groups', bytes.length, 'truncated header');
  return groupsFrom(bytes, 4, Math.min(bytes.length, 4 + be32(bytes, 0)), false);
}

/** `cut`: the ports of the last group need not all be there. */
function groupsFrom(bytes: Uint8Array, start: number, end: number, cut: boolean): readonly PortGroup[] {
  const groups: PortGroup[] = [];
  for (let at = start; at + 8 <= end; ) {
    const next = at + 8 + 4 * bytes[at + 7]!;
    const count = Math.floor((Math.min(next, end) - at - 8) / 4);
    if (next > end && !cut) throw new DecodeError('scsi-port-groups', at, 'a descriptor runs past the end');
    groups.push({
      group: be16(bytes, at + 2),
      state: CODES[bytes[at]! & 0x0f] ?? 'reserved',
      preferred: (bytes[at]! & 0x80) !== 0,
      ports: Array.from({ length: count }, (_, index) => be16(bytes, at + 8 + 4 * index + 2)),
    });
    at = next;
  }
  return groups;
}

/** The parameter list of SET TARGET PORT GROUPS. */
export function setPortGroupsList(states: readonly { readonly group: number; readonly state: AsymmetricAccess }[]): Uint8Array {
  const list = new Uint8Array(4 + 4 * states.length);
  for (const [index, { group, state }] of states.entries()) {
    const code = Object.entries(CODES).find(([, name]) => name === state)?.[0] ?? '0';
    list[4 + 4 * index] = Number(code);
    putBe16(list, 6 + 4 * index, group);
  }
  return list;
}
