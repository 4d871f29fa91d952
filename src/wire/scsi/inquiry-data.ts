/** What INQUIRY answers (SPC-5 §6.7.2) and the VPD pages that name a logical unit: Unit Serial Number (§7.8.18) and Device Identification (§7.8.6). */
import { be16, DecodeError, hex, latin1 } from '../../base/bytes.ts';

export interface StandardInquiry {
  /** PERIPHERAL QUALIFIER: 0 connected, 1 could be, 3 no such unit. */
  readonly qualifier: number;
  /** PERIPHERAL DEVICE TYPE: 0 block device, 0Ch array controller, 1Fh none. */
  readonly deviceType: number;
  readonly removable: boolean;
  readonly version: number;
  /** TPGS: bit 0 implicit, bit 1 explicit asymmetric access. */
  readonly targetPortGroups: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
}

/** Throws DecodeError. */
export function decodeStandardInquiry(bytes: Uint8Array): StandardInquiry {
  if (bytes.length < 36) throw new DecodeError('scsi-inquiry', bytes.length, 'truncated standard data');
  return {
    qualifier: bytes[0]! >>> 5,
    deviceType: bytes[0]! & 0x1f,
    removable: (bytes[1]! & 0x80) !== 0,
    version: bytes[2]!,
    targetPortGroups: (bytes[5]! >>> 4) & 0x03,
    vendor: text(bytes, 8, 16),
    product: text(bytes, 16, 32),
    revision: text(bytes, 32, 36),
  };
}

/** SPC-5 §4.3.1: ASCII, padded; what a device puts there instead must not reach a terminal. */
const text = (bytes: Uint8Array, start: number, end: number): string =>
  latin1(bytes, start, end)
    .replaceAll(/[^\x20-\x7e]/g, '')
    .trim();

/** Throws DecodeError. */
export function decodeSerialNumber(page: Uint8Array): string {
  return text(page, 4, endOf(page, 0x80));
}

/** Throws DecodeError. */
export function decodeSupportedPages(page: Uint8Array): readonly number[] {
  return [...page.subarray(4, endOf(page, 0x00))];
}

export type DesignatorKind = 'vendor' | 't10' | 'eui-64' | 'naa' | 'relative-port' | 'port-group' | 'unit-group' | 'name' | 'other';

const KINDS: readonly DesignatorKind[] = ['vendor', 't10', 'eui-64', 'naa', 'relative-port', 'port-group', 'unit-group', 'other', 'name'];

export interface Designator {
  readonly kind: DesignatorKind;
  /** Whose name it is. */
  readonly of: 'unit' | 'port' | 'device' | 'other';
  /** Hexadecimal for binary designators, text otherwise; a number for the two kinds that are one. */
  readonly value: string;
}

const OWNERS = ['unit', 'port', 'device', 'other'] as const;

/** The Device Identification page, 83h. Throws DecodeError. */
export function decodeDesignators(page: Uint8Array): readonly Designator[] {
  const end = endOf(page, 0x83);
  const designators: Designator[] = [];
  for (let at = 4; at + 4 <= end; at += 4 + page[at + 3]!) {
    const last = at + 4 + page[at + 3]!;
    if (last > end) throw new DecodeError('scsi-vpd', at, 'a designator runs past the end of the page');
    const kind = KINDS[page[at + 1]! & 0x0f] ?? 'other';
    const binary = (page[at]! & 0x0f) === 1;
    const number = kind === 'relative-port' || kind === 'port-group' || kind === 'unit-group';
    designators.push({
      kind,
      of: OWNERS[(page[at + 1]! >>> 4) & 0x03]!,
      value:
        number && last - at >= 8
          ? String(be16(page, at + 6))
          : binary
            ? hex(page.subarray(at + 4, last))
            : text(page, at + 4, last).replaceAll('\0', ''),
    });
  }
  return designators;
}

/** The best name of the logical unit itself, as others write it: `naa.6...`, `eui....`, `t10....`; undefined if it has none. */
export function unitName(designators: readonly Designator[]): string | undefined {
  const own = designators.filter((designator) => designator.of === 'unit');
  const naa = own.find(({ kind }) => kind === 'naa');
  if (naa !== undefined) return `naa.${naa.value}`;
  const eui = own.find(({ kind }) => kind === 'eui-64');
  if (eui !== undefined) return `eui.${eui.value}`;
  const name = own.find(({ kind }) => kind === 'name');
  if (name !== undefined) return name.value;
  const t10 = own.find(({ kind }) => kind === 't10');
  return t10 === undefined ? undefined : `t10.${t10.value.replaceAll(/\s+/g, '_')}`;
}

function endOf(page: Uint8Array, code: number): number {
  if (page.length < 4) throw new DecodeError('scsi-vpd', page.length, 'truncated page');
  if (page[1] !== code) throw new DecodeError('scsi-vpd', 1, `page ${page[1]!.toString(16)}h where ${code.toString(16)}h was asked for`);
  return Math.min(page.length, 4 + be16(page, 2));
}
