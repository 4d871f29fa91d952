/** Command descriptor blocks as an initiator sends them (SPC-5 §6, SBC-4 §5), with the parameter lists that go with some. */
import { putBe16, putBe32, putBe64 } from '../../base/bytes.ts';

export const TEST_UNIT_READY = 0x00;
export const REQUEST_SENSE = 0x03;
export const INQUIRY = 0x12;
export const START_STOP_UNIT = 0x1b;
export const READ_CAPACITY_10 = 0x25;
export const READ_10 = 0x28;
export const WRITE_10 = 0x2a;
export const VERIFY_10 = 0x2f;
export const SYNCHRONIZE_CACHE_10 = 0x35;
export const WRITE_SAME_10 = 0x41;
export const UNMAP = 0x42;
export const MODE_SENSE_10 = 0x5a;
export const PERSISTENT_RESERVE_IN = 0x5e;
export const PERSISTENT_RESERVE_OUT = 0x5f;
export const READ_16 = 0x88;
export const COMPARE_AND_WRITE = 0x89;
export const WRITE_16 = 0x8a;
export const VERIFY_16 = 0x8f;
export const SYNCHRONIZE_CACHE_16 = 0x91;
export const WRITE_SAME_16 = 0x93;
export const SERVICE_ACTION_IN_16 = 0x9e;
export const REPORT_LUNS = 0xa0;
export const MAINTENANCE_IN = 0xa3;
export const MAINTENANCE_OUT = 0xa4;

const READ_CAPACITY_16_ACTION = 0x10;
const GET_LBA_STATUS_ACTION = 0x12;
const TARGET_PORT_GROUPS_ACTION = 0x0a;

const names: Readonly<Record<number, string>> = {
  [TEST_UNIT_READY]: 'TEST UNIT READY',
  [REQUEST_SENSE]: 'REQUEST SENSE',
  [INQUIRY]: 'INQUIRY',
  [START_STOP_UNIT]: 'START STOP UNIT',
  [READ_CAPACITY_10]: 'READ CAPACITY(10)',
  [READ_10]: 'READ(10)',
  [WRITE_10]: 'WRITE(10)',
  [VERIFY_10]: 'VERIFY(10)',
  [SYNCHRONIZE_CACHE_10]: 'SYNCHRONIZE CACHE(10)',
  [WRITE_SAME_10]: 'WRITE SAME(10)',
  [UNMAP]: 'UNMAP',
  [MODE_SENSE_10]: 'MODE SENSE(10)',
  [PERSISTENT_RESERVE_IN]: 'PERSISTENT RESERVE IN',
  [PERSISTENT_RESERVE_OUT]: 'PERSISTENT RESERVE OUT',
  [READ_16]: 'READ(16)',
  [COMPARE_AND_WRITE]: 'COMPARE AND WRITE',
  [WRITE_16]: 'WRITE(16)',
  [VERIFY_16]: 'VERIFY(16)',
  [SYNCHRONIZE_CACHE_16]: 'SYNCHRONIZE CACHE(16)',
  [WRITE_SAME_16]: 'WRITE SAME(16)',
  [SERVICE_ACTION_IN_16]: 'SERVICE ACTION IN(16)',
  [REPORT_LUNS]: 'REPORT LUNS',
  [MAINTENANCE_IN]: 'MAINTENANCE IN',
  [MAINTENANCE_OUT]: 'MAINTENANCE OUT',
};

/** The command's name, or its operation code. */
export const commandName = (cdb: Uint8Array): string =>
  names[cdb[0]!] ?? `command ${(cdb[0] ?? 0).toString(16).padStart(2, '0').toUpperCase()}h`;

/** FORCE UNIT ACCESS, bit 3 of byte 1 of READ and WRITE (SBC-4 §5.10, §5.32). */
const FUA = 0x08;

export const testUnitReady = (): Uint8Array => new Uint8Array(6);

/** `page`: a vital product data page; undefined: the standard data. */
export function inquiry(page: number | undefined, allocationBytes: number): Uint8Array {
  const cdb = Uint8Array.of(INQUIRY, page === undefined ? 0 : 1, page ?? 0, 0, 0, 0);
  putBe16(cdb, 3, allocationBytes);
  return cdb;
}

export const readCapacity10 = (): Uint8Array => withCode(READ_CAPACITY_10, 10);

export function readCapacity16(allocationBytes = 32): Uint8Array {
  const cdb = withCode(SERVICE_ACTION_IN_16, 16);
  cdb[1] = READ_CAPACITY_16_ACTION;
  putBe32(cdb, 10, allocationBytes);
  return cdb;
}

/** From `lba` on (SBC-4 §5.6). */
export const getLbaStatus = (lba: number, allocationBytes: number): Uint8Array =>
  range16(SERVICE_ACTION_IN_16, GET_LBA_STATUS_ACTION, lba, allocationBytes);

/** `select`: 0 without well known logical units, 1 only those, 2 all. */
export function reportLuns(allocationBytes: number, select = 0): Uint8Array {
  const cdb = withCode(REPORT_LUNS, 12);
  cdb[2] = select;
  putBe32(cdb, 6, allocationBytes);
  return cdb;
}

/** Whether the 10-byte forms hold this range. */
const fits10 = (lba: number, blocks: number): boolean => blocks <= 0xffff && lba <= 0xffff_ffff && lba + blocks <= 0x1_0000_0000;

function range10(code: number, flags: number, lba: number, blocks: number): Uint8Array {
  const cdb = new Uint8Array(10);
  cdb[0] = code;
  cdb[1] = flags;
  putBe32(cdb, 2, lba);
  putBe16(cdb, 7, blocks);
  return cdb;
}

function range16(code: number, flags: number, lba: number, blocks: number): Uint8Array {
  const cdb = new Uint8Array(16);
  cdb[0] = code;
  cdb[1] = flags;
  putBe64(cdb, 2, lba);
  putBe32(cdb, 10, blocks);
  return cdb;
}

/** READ(10) where it is enough, which old devices know too; READ(16) beyond. */
export const read = (lba: number, blocks: number, fua = false): Uint8Array =>
  fits10(lba, blocks) ? range10(READ_10, fua ? FUA : 0, lba, blocks) : range16(READ_16, fua ? FUA : 0, lba, blocks);

/** WRITE(10) where it is enough, WRITE(16) beyond. */
export const write = (lba: number, blocks: number, fua = false): Uint8Array =>
  fits10(lba, blocks) ? range10(WRITE_10, fua ? FUA : 0, lba, blocks) : range16(WRITE_16, fua ? FUA : 0, lba, blocks);

/** VERIFY: BYTCHK 00b checks the medium alone, 01b compares it with data-out (SBC-4 §5.37). */
export const verify = (lba: number, blocks: number, byteCheck = 0): Uint8Array =>
  fits10(lba, blocks) ? range10(VERIFY_10, byteCheck << 1, lba, blocks) : range16(VERIFY_16, byteCheck << 1, lba, blocks);

/** No blocks: from `lba` to the end of the unit (SBC-4 §5.28). */
export const synchronizeCache = (lba = 0, blocks = 0): Uint8Array =>
  fits10(lba, blocks) ? range10(SYNCHRONIZE_CACHE_10, 0, lba, blocks) : range16(SYNCHRONIZE_CACHE_16, 0, lba, blocks);

/** UNMAP bit 3, NO DATA-OUT BUFFER bit 0 (SBC-4 §5.47). */
export const writeSame = (
  lba: number,
  blocks: number,
  options: { readonly unmap?: boolean; readonly noDataOut?: boolean } = {},
): Uint8Array => range16(WRITE_SAME_16, (options.unmap === true ? 0x08 : 0) | (options.noDataOut === true ? 0x01 : 0), lba, blocks);

/** `blocks` at most 255; data-out is what to compare with, then what to write (SBC-4 §5.3). */
export function compareAndWrite(lba: number, blocks: number, fua = false): Uint8Array {
  const cdb = range16(COMPARE_AND_WRITE, fua ? FUA : 0, lba, 0);
  cdb[13] = blocks;
  return cdb;
}

export function unmap(listBytes: number): Uint8Array {
  const cdb = withCode(UNMAP, 10);
  putBe16(cdb, 7, listBytes);
  return cdb;
}

/** The parameter list of UNMAP (SBC-4 §5.32.2). */
export function unmapList(ranges: readonly { readonly lba: number; readonly blocks: number }[]): Uint8Array {
  const list = new Uint8Array(8 + 16 * ranges.length);
  putBe16(list, 0, list.length - 2);
  putBe16(list, 2, list.length - 8);
  for (const [index, { lba, blocks }] of ranges.entries()) {
    putBe64(list, 8 + 16 * index, lba);
    putBe32(list, 16 + 16 * index, blocks);
  }
  return list;
}

/** REPORT TARGET PORT GROUPS (SPC-5 §6.37); `extended`: with the header that tells the transition time, PARAMETER DATA FORMAT 001b. */
export function reportTargetPortGroups(allocationBytes: number, extended = false): Uint8Array {
  const cdb = withCode(MAINTENANCE_IN, 12);
  cdb[1] = (extended ? 0x20 : 0) | TARGET_PORT_GROUPS_ACTION;
  putBe32(cdb, 6, allocationBytes);
  return cdb;
}

export function setTargetPortGroups(listBytes: number): Uint8Array {
  const cdb = withCode(MAINTENANCE_OUT, 12);
  cdb[1] = TARGET_PORT_GROUPS_ACTION;
  putBe32(cdb, 6, listBytes);
  return cdb;
}

/** `pageControl`: 0 current, 1 changeable, 2 default, 3 saved values (SPC-5 §6.14). */
export function modeSense10(page: number, subpage: number, allocationBytes: number, pageControl = 0): Uint8Array {
  const cdb = withCode(MODE_SENSE_10, 10);
  cdb[2] = (pageControl << 6) | page;
  cdb[3] = subpage;
  putBe16(cdb, 7, allocationBytes);
  return cdb;
}

/** `serviceAction`: 0 READ KEYS, 1 READ RESERVATION, 2 REPORT CAPABILITIES, 3 READ FULL STATUS (SPC-5 §6.15). */
export function persistentReserveIn(serviceAction: number, allocationBytes: number): Uint8Array {
  const cdb = withCode(PERSISTENT_RESERVE_IN, 10);
  cdb[1] = serviceAction;
  putBe16(cdb, 7, allocationBytes);
  return cdb;
}

/** `serviceAction`: 0 REGISTER, 1 RESERVE, 2 RELEASE, 3 CLEAR, 4 PREEMPT, ... (SPC-5 §6.16); `type` of the reservation. */
export function persistentReserveOut(serviceAction: number, type: number, listBytes: number): Uint8Array {
  const cdb = withCode(PERSISTENT_RESERVE_OUT, 10);
  cdb[1] = serviceAction;
  cdb[2] = type;
  putBe32(cdb, 5, listBytes);
  return cdb;
}

export function startStopUnit(start: boolean, loadEject = false): Uint8Array {
  return Uint8Array.of(START_STOP_UNIT, 0, 0, 0, (loadEject ? 2 : 0) | (start ? 1 : 0), 0);
}

/** Fixed format; `descriptor` asks for the other (SPC-5 §6.39). */
export const requestSense = (allocationBytes: number, descriptor = false): Uint8Array =>
  Uint8Array.of(REQUEST_SENSE, descriptor ? 1 : 0, 0, 0, allocationBytes, 0);

/** VERIFY(10) and the rest that leave the unit the same however often they are carried out, and give the same answer. */
const idempotentCodes: ReadonlySet<number> = new Set([
  TEST_UNIT_READY,
  INQUIRY,
  READ_CAPACITY_10,
  READ_10,
  WRITE_10,
  VERIFY_10,
  SYNCHRONIZE_CACHE_10,
  WRITE_SAME_10,
  UNMAP,
  0x1a, // MODE SENSE(6)
  MODE_SENSE_10,
  PERSISTENT_RESERVE_IN,
  READ_16,
  WRITE_16,
  VERIFY_16,
  SYNCHRONIZE_CACHE_16,
  WRITE_SAME_16,
  SERVICE_ACTION_IN_16,
  REPORT_LUNS,
  MAINTENANCE_IN,
  0xa8, // READ(12)
  0xaa, // WRITE(12)
]);

/**
 * Whether a command may be sent again when nobody knows if it was carried out. Not so COMPARE AND WRITE, which would find its own
 * data, nor reservations, whose second answer differs.
 */
export const isIdempotent = (cdb: Uint8Array): boolean => idempotentCodes.has(cdb[0]!);

function withCode(code: number, bytes: number): Uint8Array {
  const cdb = new Uint8Array(bytes);
  cdb[0] = code;
  return cdb;
}
