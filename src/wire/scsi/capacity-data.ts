/** What READ CAPACITY(10) and (16) answer (SBC-4 §5.20, §5.21), and the VPD pages on limits and provisioning (SBC-4 §6.6.4, §6.6.7). */
import { be16, be32, be64, DecodeError } from '../../base/bytes.ts';

export interface Capacity {
  readonly blocks: number;
  readonly blockBytes: number;
  /** Logical blocks in a physical one. */
  readonly physicalBlocks: number;
  /** LBPME: blocks can be unmapped. */
  readonly thin: boolean;
  /** LBPRZ: unmapped blocks read as zeros. */
  readonly unmappedReadsZeros: boolean;
}

/** Undefined: more blocks than the 10-byte form can tell (SBC-4 §5.20.2). Throws DecodeError. */
export function decodeCapacity10(bytes: Uint8Array): Capacity | undefined {
  if (bytes.length < 8) throw new DecodeError('scsi-capacity', bytes.length, 'truncated READ CAPACITY(10) data');
  const last = be32(bytes, 0);
  if (last === 0xffff_ffff) return undefined;
  return { blocks: last + 1, blockBytes: blockBytesAt(bytes, 4), physicalBlocks: 1, thin: false, unmappedReadsZeros: false };
}

/** Throws DecodeError. */
export function decodeCapacity16(bytes: Uint8Array): Capacity {
  if (bytes.length < 12) throw new DecodeError('scsi-capacity', bytes.length, 'truncated READ CAPACITY(16) data');
  const last = be64(bytes, 0);
  if (last >= Number.MAX_SAFE_INTEGER) throw new DecodeError('scsi-capacity', 0, `${last} blocks are more than can be counted`);
  const flags = bytes[14] ?? 0;
  return {
    blocks: last + 1,
    blockBytes: blockBytesAt(bytes, 8),
    physicalBlocks: 2 ** ((bytes[13] ?? 0) & 0x0f),
    thin: (flags & 0x80) !== 0,
    unmappedReadsZeros: (flags & 0x40) !== 0,
  };
}

/** Larger blocks than any medium has would make every length after it absurd. */
const BLOCK_BYTES_MAX = 1 << 20;

function blockBytesAt(bytes: Uint8Array, at: number): number {
  const blockBytes = be32(bytes, at);
  if (blockBytes === 0 || blockBytes > BLOCK_BYTES_MAX) throw new DecodeError('scsi-capacity', at, `blocks of ${blockBytes} bytes`);
  return blockBytes;
}

/** Zero: no limit is reported. */
export interface BlockLimits {
  readonly compareAndWriteBlocksMax: number;
  readonly transferBlocksMax: number;
  readonly optimalTransferBlocks: number;
  readonly unmapBlocksMax: number;
  readonly unmapDescriptorsMax: number;
  readonly unmapGranularityBlocks: number;
  readonly writeSameBlocksMax: number;
}

/** The Block Limits page, B0h; older devices give a shorter one. Throws DecodeError. */
export function decodeBlockLimits(page: Uint8Array): BlockLimits {
  const end = pageEnd(page, 0xb0);
  const long = (at: number): number => (at + 4 <= end ? be32(page, at) : 0);
  return {
    compareAndWriteBlocksMax: end > 5 ? page[5]! : 0,
    transferBlocksMax: long(8),
    optimalTransferBlocks: long(12),
    unmapBlocksMax: long(20),
    unmapDescriptorsMax: long(24),
    unmapGranularityBlocks: long(28),
    writeSameBlocksMax: end >= 44 ? be64(page, 36) : 0,
  };
}

export interface Provisioning {
  /** LBPU: by UNMAP. */
  readonly byUnmap: boolean;
  /** LBPWS: by WRITE SAME(16) with UNMAP. */
  readonly byWriteSame16: boolean;
  readonly readsZeros: boolean;
}

/** The Logical Block Provisioning page, B2h. Throws DecodeError. */
export function decodeProvisioning(page: Uint8Array): Provisioning {
  const end = pageEnd(page, 0xb2);
  const flags = end > 5 ? page[5]! : 0;
  // LBPRZ xx1b; 010b is a pattern of the device's own.
  return { byUnmap: (flags & 0x80) !== 0, byWriteSame16: (flags & 0x40) !== 0, readsZeros: (flags & 0x04) !== 0 };
}

/** Where a VPD page that came ends, which may be cut short. */
function pageEnd(page: Uint8Array, code: number): number {
  if (page.length < 4) throw new DecodeError('scsi-vpd', page.length, 'truncated page');
  if (page[1] !== code) throw new DecodeError('scsi-vpd', 1, `page ${page[1]!.toString(16)}h where ${code.toString(16)}h was asked for`);
  return Math.min(page.length, 4 + be16(page, 2));
}
