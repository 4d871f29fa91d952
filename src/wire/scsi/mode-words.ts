/** What MODE SENSE(10) answers, in words (SPC-5 §7.5, SBC-4 §6.5): the header, and the Control, Caching and Informational Exceptions pages. */
import { be16, DecodeError } from '../../base/bytes.ts';
import type { PageWords, Words } from './vpd-words.ts';

export interface ModeWords {
  /** WP: the medium refuses writes. */
  readonly writeProtected: boolean;
  /** DPOFUA: FORCE UNIT ACCESS is known (SBC-4 §6.5.1). */
  readonly forceUnitAccess: boolean;
  readonly pages: readonly (PageWords & { readonly page: number; readonly subpage: number; readonly bytes: Uint8Array })[];
}

/** Throws DecodeError. */
export function describeModes(bytes: Uint8Array): ModeWords {
  if (bytes.length < 8) throw new DecodeError('scsi-mode', bytes.length, 'truncated header');
  const end = Math.min(bytes.length, 2 + be16(bytes, 0));
  const pages: ModeWords['pages'][number][] = [];
  for (let at = 8 + be16(bytes, 6); at + 2 <= end; ) {
    const page = bytes[at]! & 0x3f;
    // SPC-5 §7.5.7: page_0 format, or sub_page with a longer header.
    const long = (bytes[at]! & 0x40) !== 0;
    if (long && at + 4 > end) break;
    const subpage = long ? bytes[at + 1]! : 0;
    const last = at + (long ? 4 + be16(bytes, at + 2) : 2 + bytes[at + 1]!);
    // The allocation length may have cut the last one.
    if (last > end) break;
    const body = bytes.subarray(at, last);
    const known = subpage === 0 ? KNOWN[page] : undefined;
    pages.push({ page, subpage, bytes: body, name: known?.name ?? pageName(page, subpage), fields: known?.fields(body) ?? [] });
    at = last;
  }
  return { writeProtected: (bytes[3]! & 0x80) !== 0, forceUnitAccess: (bytes[3]! & 0x10) !== 0, pages };
}

const hex = (value: number): string => `${value.toString(16).padStart(2, '0').toUpperCase()}h`;
const pageName = (page: number, subpage: number): string => `Page ${hex(page)}${subpage === 0 ? '' : ` subpage ${hex(subpage)}`}`;

interface KnownPage {
  readonly name: string;
  readonly fields: (body: Uint8Array) => Words;
}

const KNOWN: Readonly<Record<number, KnownPage>> = {
  0x08: { name: 'Caching', fields: caching },
  0x0a: { name: 'Control', fields: control },
  0x1c: { name: 'Informational Exceptions Control', fields: exceptions },
};

const on = (flag: number): string => (flag === 0 ? 'off' : 'on');
const yes = (flag: number): string => (flag === 0 ? 'no' : 'yes');

/** SBC-4 §6.5.6. */
function caching(body: Uint8Array): Words {
  const flags = body[2] ?? 0;
  return [
    ['write cache (WCE)', on(flags & 0x04)],
    ['read cache (RCD)', on((flags & 0x01) ^ 0x01)],
  ];
}

const TASK_SETS = ['one for all initiators', 'one an initiator'];
const AFTER_ERRORS = ['go on', 'are aborted', 'reserved', 'are aborted, of the same initiator'];

/** SPC-5 §7.5.10. */
function control(body: Uint8Array): Words {
  const byte = (at: number): number => body[at] ?? 0;
  return [
    ['task set (TST)', TASK_SETS[byte(2) >>> 5] ?? 'reserved'],
    ['sense data (D_SENSE)', (byte(2) & 0x04) === 0 ? 'fixed format' : 'descriptor format'],
    ['other commands after an error (QERR)', AFTER_ERRORS[(byte(3) >>> 1) & 0x03]!],
    ['write protected by software (SWP)', yes(byte(4) & 0x08)],
    ['aborted commands are told (TAS)', yes(byte(5) & 0x40)],
  ];
}

/** SBC-4 §6.5.7. */
function exceptions(body: Uint8Array): Words {
  return [
    ['exceptions', (body[2]! & 0x08) === 0 ? 'on' : 'off'],
    ['reported by method (MRIE)', String((body[3] ?? 0) & 0x0f)],
  ];
}
