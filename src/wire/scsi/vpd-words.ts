/** Vital product data pages in words (SPC-5 §7.8, SBC-4 §6.6): name and fields of each page known here; the rest is shown as bytes. */
import { be16, be32, be64, DecodeError } from '../../base/bytes.ts';
import { decodeDesignators, decodeSerialNumber, decodeSupportedPages, type Designator } from './inquiry-data.ts';

/** What it is, and what the device says; in the order of the page. */
export type Words = readonly (readonly [label: string, value: string])[];

export interface PageWords {
  readonly name: string;
  readonly fields: Words;
}

const NAMES: Readonly<Record<number, string>> = {
  0x00: 'Supported VPD Pages',
  0x80: 'Unit Serial Number',
  0x83: 'Device Identification',
  0x84: 'Software Interface Identification',
  0x85: 'Management Network Addresses',
  0x86: 'Extended INQUIRY Data',
  0x87: 'Mode Page Policy',
  0x88: 'SCSI Ports',
  0x89: 'ATA Information',
  0x8a: 'Power Condition',
  0x8b: 'Device Constituents',
  0x8d: 'Power Consumption',
  0x8f: 'Third-party Copy',
  0xb0: 'Block Limits',
  0xb1: 'Block Device Characteristics',
  0xb2: 'Logical Block Provisioning',
  0xb3: 'Referrals',
  0xb5: 'Block Device Characteristics Extension',
  0xb6: 'Zoned Block Device Characteristics',
  0xb7: 'Block Limits Extension',
};

const code = (page: number): string => `${page.toString(16).padStart(2, '0').toUpperCase()}h`;

export const vpdPageName = (page: number): string => NAMES[page] ?? `Page ${code(page)}`;

/** The page, header and all. Throws DecodeError. */
export function describeVpdPage(page: Uint8Array): PageWords {
  if (page.length < 4) throw new DecodeError('scsi-vpd', page.length, 'truncated page');
  const end = Math.min(page.length, 4 + be16(page, 2));
  const fields = FIELDS[page[1]!]?.(page.subarray(0, end));
  return { name: vpdPageName(page[1]!), fields: fields ?? [] };
}

const FIELDS: Readonly<Record<number, (page: Uint8Array) => Words>> = {
  0x00: (page) => decodeSupportedPages(page).map((known) => [code(known), vpdPageName(known)]),
  0x80: (page) => [['serial number', decodeSerialNumber(page)]],
  0x83: (page) => decodeDesignators(page).map((designator) => [designatorWords(designator), designator.value]),
  0x86: extendedInquiry,
  0x8f: thirdPartyCopy,
  0xb0: blockLimits,
  0xb1: characteristics,
  0xb2: provisioning,
};

const DESIGNATORS: Readonly<Record<Designator['kind'], string>> = {
  vendor: 'vendor specific',
  t10: 'T10 vendor ID',
  'eui-64': 'EUI-64',
  naa: 'NAA',
  'relative-port': 'relative target port',
  'port-group': 'target port group',
  'unit-group': 'logical unit group',
  name: 'SCSI name',
  other: 'other designator',
};

const OWNERS = { unit: 'logical unit', port: 'target port', device: 'target device', other: 'other' } as const;

const designatorWords = ({ kind, of }: Designator): string => `${DESIGNATORS[kind]} (${OWNERS[of]})`;

const yes = (flag: number): string => (flag === 0 ? 'no' : 'yes');
const listed = (...words: readonly (string | false)[]): string => words.filter((word) => word !== false).join(', ') || 'none';
const orNone = (value: number, none = 'not reported'): string => (value === 0 ? none : value.toLocaleString('en'));

/** SPC-5 §7.8. */
function extendedInquiry(page: Uint8Array): Words {
  const byte = (at: number): number => page[at] ?? 0;
  const bit = (at: number, mask: number): number => byte(at) & mask;
  return [
    ['task attributes', listed(bit(5, 1) !== 0 && 'simple', bit(5, 2) !== 0 && 'ordered', bit(5, 4) !== 0 && 'head of queue')],
    ['protection checks', listed(bit(4, 4) !== 0 && 'guard', bit(4, 2) !== 0 && 'application tag', bit(4, 1) !== 0 && 'reference tag')],
    ['caches', listed(bit(6, 1) !== 0 && 'volatile', bit(6, 2) !== 0 && 'non-volatile')],
    ['write uncorrectable', yes(bit(6, 8))],
    ['clears only the nexus lost (LUICLR)', yes(bit(7, 1))],
    ['longest sense data', byte(13) === 0 ? 'not reported' : `${byte(13)} bytes`],
  ];
}

/** SBC-4 §6.6.4. A shorter page of an older device ends earlier. */
function blockLimits(page: Uint8Array): Words {
  const fields: (readonly [number, number, string, string?])[] = [
    [8, 4, 'longest transfer'],
    [12, 4, 'optimal transfer'],
    [6, 2, 'optimal transfer granularity'],
    [16, 4, 'longest prefetch'],
    [5, 1, 'longest COMPARE AND WRITE', 'not supported'],
    [36, 8, 'longest WRITE SAME'],
    [20, 4, 'most blocks of one UNMAP', 'not supported'],
    [24, 4, 'most ranges of one UNMAP', 'not supported'],
    [28, 4, 'optimal UNMAP granularity'],
    [44, 4, 'longest atomic write'],
    [48, 4, 'atomic alignment'],
    [52, 4, 'atomic granularity'],
  ];
  const read = (at: number, bytes: number): number =>
    bytes === 1 ? page[at]! : bytes === 2 ? be16(page, at) : bytes === 4 ? be32(page, at) : be64(page, at);
  const words = fields
    .filter(([at, bytes]) => at + bytes <= page.length)
    .map(([at, bytes, label, none]) => [label, limit(label, read(at, bytes), bytes, none)] as const);
  if (page.length < 36 || (page[32]! & 0x80) === 0) return words;
  return [...words, ['UNMAP alignment', `block ${be32(page, 32) & 0x7fff_ffff}`]];
}

function limit(label: string, value: number, bytes: number, none: string | undefined): string {
  // All ones: as many as the command can name (SBC-4 §6.6.4).
  if (bytes === 4 && value === 0xffff_ffff) return 'unlimited';
  return value === 0 ? orNone(0, none) : `${orNone(value)}${label.startsWith('most ranges') ? '' : value === 1 ? ' block' : ' blocks'}`;
}

const FORM_FACTORS = ['not reported', '5.25 inch', '3.5 inch', '2.5 inch', '1.8 inch', 'less than 1.8 inch'];
const ZONED = ['not reported', 'host aware', 'device managed', 'reserved'];

/** SBC-4 §6.6.2. */
function characteristics(page: Uint8Array): Words {
  if (page.length < 9) throw new DecodeError('scsi-vpd', page.length, 'truncated page B1h');
  const rate = be16(page, 4);
  return [
    ['medium', rate === 0 ? 'not reported' : rate === 1 ? 'does not rotate' : `${rate.toLocaleString('en')} rpm`],
    ['form factor', FORM_FACTORS[page[7]! & 0x0f] ?? 'reserved'],
    ['zones', ZONED[(page[8]! >>> 4) & 0x03]!],
    ['unmapped blocks can be verified (VBULS)', yes(page[8]! & 0x01)],
  ];
}

const PROVISIONING = ['not reported', 'resource', 'thin'];

/** SBC-4 §6.6.7. */
function provisioning(page: Uint8Array): Words {
  if (page.length < 8) throw new DecodeError('scsi-vpd', page.length, 'truncated page B2h');
  const flags = page[5]!;
  const readsZeros = (flags >>> 2) & 0x07;
  return [
    ['provisioning', PROVISIONING[page[6]! & 0x07] ?? 'reserved'],
    [
      'blocks are given back by',
      listed((flags & 0x80) !== 0 && 'UNMAP', (flags & 0x40) !== 0 && 'WRITE SAME(16)', (flags & 0x20) !== 0 && 'WRITE SAME(10)'),
    ],
    ['unmapped blocks read as', readsZeros === 0 ? 'anything' : (readsZeros & 1) !== 0 ? 'zeros' : 'what the device puts there'],
    ['anchored blocks', yes(flags & 0x02)],
    ['threshold set size', page[4] === 0 ? 'no thresholds' : `2^${page[4]} blocks`],
  ];
}

const COPY_DESCRIPTORS: Readonly<Record<number, string>> = {
  0x0000: 'Block Device ROD Limits',
  0x0001: 'Supported Commands',
  0x0004: 'Parameter Data',
  0x0008: 'Supported Descriptors',
  0x000c: 'Supported CSCD Descriptor IDs',
  0x0106: 'ROD Token Features',
  0x0108: 'Supported ROD Types',
  0x8001: 'General Copy Operations',
  0x9101: 'Stream Copy Operations',
  0xc001: 'Held Data',
};

/** SPC-5 §7.8: which descriptors there are; what is in them is for copy managers. */
function thirdPartyCopy(page: Uint8Array): Words {
  const words: (readonly [string, string])[] = [];
  for (let at = 4; at + 4 <= page.length; at += 4 + be16(page, at + 2)) {
    const type = be16(page, at);
    words.push([COPY_DESCRIPTORS[type] ?? `descriptor ${type.toString(16).padStart(4, '0')}h`, `${be16(page, at + 2)} bytes`]);
  }
  return words;
}
