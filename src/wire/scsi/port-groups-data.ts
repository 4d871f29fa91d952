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

/** Throws DecodeError. */
export function decodePortGroups(bytes: Uint8Array): readonly PortGroup[] {
  if (bytes.length < 4) throw new DecodeError('scsi-port-groups', bytes.length, 'truncated header');
  const end = Math.min(bytes.length, 4 + be32(bytes, 0));
  const groups: PortGroup[] = [];
  for (let at = 4; at + 8 <= end; ) {
    const count = bytes[at + 7]!;
    const next = at + 8 + 4 * count;
    if (next > end) throw new DecodeError('scsi-port-groups', at, 'a descriptor runs past the end');
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
