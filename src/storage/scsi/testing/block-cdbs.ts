/** CDBs of the block commands, for tests. */
import { putBe16, putBe32, putBe64 } from '../../../base/bytes.ts';

export function cdb6(code: number, lba: number, blocks: number): Uint8Array {
  return Uint8Array.from([code, (lba >>> 16) & 0x1f, lba >>> 8, lba, blocks, 0]);
}

export function cdb10(code: number, lba: number, blocks: number, flags = 0): Uint8Array {
  const cdb = Uint8Array.from([code, flags, 0, 0, 0, 0, 0, 0, 0, 0]);
  putBe32(cdb, 2, lba);
  putBe16(cdb, 7, blocks);
  return cdb;
}

export function cdb12(code: number, lba: number, blocks: number, flags = 0): Uint8Array {
  const cdb = Uint8Array.from([code, flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  putBe32(cdb, 2, lba);
  putBe32(cdb, 6, blocks);
  return cdb;
}

export function cdb16(code: number, lba: number, blocks: number, flags = 0): Uint8Array {
  const cdb = new Uint8Array(16);
  cdb[0] = code;
  cdb[1] = flags;
  putBe64(cdb, 2, lba);
  putBe32(cdb, 10, blocks);
  return cdb;
}

export function compareAndWriteCdb(lba: number, blocks: number, flags = 0): Uint8Array {
  const cdb = cdb16(0x89, lba, 0, flags);
  cdb[13] = blocks;
  return cdb;
}

export function writeAtomicCdb(lba: number, blocks: number, flags = 0): Uint8Array {
  const cdb = cdb16(0x9c, lba, 0, flags);
  putBe16(cdb, 12, blocks);
  return cdb;
}

export function getLbaStatusCdb(lba: number, allocationLength: number): Uint8Array {
  return cdb16(0x9e, lba, allocationLength, 0x12);
}

export function unmapCdb(listBytes: number): Uint8Array {
  const cdb = new Uint8Array(10);
  cdb[0] = 0x42;
  putBe16(cdb, 7, listBytes);
  return cdb;
}

/** Parameter list of UNMAP. */
export function unmapList(ranges: readonly (readonly [lba: number, blocks: number])[]): Uint8Array {
  const list = new Uint8Array(8 + 16 * ranges.length);
  putBe16(list, 0, list.length - 2);
  putBe16(list, 2, list.length - 8);
  ranges.forEach(([lba, blocks], index) => {
    putBe64(list, 8 + 16 * index, lba);
    putBe32(list, 16 + 16 * index, blocks);
  });
  return list;
}

export function sanitizeCdb(serviceAction: number, listBytes = 0, flags = 0): Uint8Array {
  const cdb = new Uint8Array(10);
  cdb[0] = 0x48;
  cdb[1] = flags | serviceAction;
  putBe16(cdb, 7, listBytes);
  return cdb;
}
