/** The VPD pages of block devices: Block Limits B0h, Block Device Characteristics B1h, Logical Block Provisioning B2h (SBC-4 §6.6). */
import { putBe16, putBe32, putBe64 } from '../../../../base/bytes.ts';
import type { LogicalUnit } from '../../logical-unit.ts';
import {
  ATOMIC_BLOCKS_MAX,
  atomicUnitBlocks,
  COMPARE_AND_WRITE_BLOCKS_MAX,
  UNMAP_BLOCKS_MAX,
  UNMAP_DESCRIPTORS_MAX,
  WRITE_SAME_BLOCKS_MAX,
} from '../../unit-limits.ts';

const BODY_BYTES = 60;
/** OPTIMAL TRANSFER LENGTH: beyond it a command is cut into several PDUs or RDMA transfers anyway. */
const OPTIMAL_TRANSFER_BYTES = 256 * 1024;

/** SBC-4 §6.6.4. Offsets count from behind the header: four less than in the standard. */
export function blockLimits(unit: LogicalUnit): Uint8Array {
  const { blockBytes, physicalBlockExponent, thin } = unit.config;
  const physical = atomicUnitBlocks(physicalBlockExponent);
  const out = new Uint8Array(BODY_BYTES);
  out[1] = COMPARE_AND_WRITE_BLOCKS_MAX;
  putBe16(out, 2, physical); // OPTIMAL TRANSFER LENGTH GRANULARITY
  putBe32(out, 4, unit.transferBlocksMax);
  putBe32(out, 8, OPTIMAL_TRANSFER_BYTES / blockBytes);
  if (thin) {
    putBe32(out, 16, UNMAP_BLOCKS_MAX);
    putBe32(out, 20, UNMAP_DESCRIPTORS_MAX);
    putBe32(out, 24, Math.max(1, Math.floor(unit.store.unmapGranularityBytes / blockBytes)));
    putBe32(out, 28, 0x8000_0000); // UGAVALID: units of unmapping start at the first block
  }
  putBe64(out, 32, WRITE_SAME_BLOCKS_MAX);
  putBe32(out, 40, ATOMIC_BLOCKS_MAX);
  // Zero for both: any alignment and any length (SBC-4 §4.29.2).
  putBe32(out, 44, physical > 1 ? physical : 0);
  putBe32(out, 48, physical > 1 ? physical : 0);
  // An atomic write has no boundaries inside: their two limits stay zero.
  return out;
}

/** SBC-4 §6.6.2. */
export function blockCharacteristics(unit: LogicalUnit): Uint8Array {
  const out = new Uint8Array(BODY_BYTES);
  // WABEREQ and WACEREQ 01b where these erases exist: reads after them give zeros, not errors (SBC-4 table 249).
  if (unit.config.thin) out[3] = 0x50;
  putBe16(out, 0, 1); // MEDIUM ROTATION RATE: nothing rotates
  out[4] = 0x03; // FUAB: FUA means what it means since SBC-3; VBULS: unmapped blocks can be verified
  return out;
}

/** SBC-4 §6.6.7. */
export function blockProvisioning(): Uint8Array {
  const out = new Uint8Array(4);
  // LBPU, LBPWS, LBPWS10, and LBPRZ 001b: what is unmapped reads as zeros. No anchors, no descriptors of a provisioning group.
  out[1] = 0xe4;
  out[2] = 0x02; // PROVISIONING TYPE: thin
  return out;
}
