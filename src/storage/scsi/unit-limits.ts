/** What one command may ask of a logical unit, as the Block Limits VPD page tells it (SBC-4 §6.6.4). In logical blocks unless named otherwise. */

/** MAXIMUM COMPARE AND WRITE LENGTH; the field of the CDB has room for no more. */
export const COMPARE_AND_WRITE_BLOCKS_MAX = 255;

/**
 * MAXIMUM WRITE SAME LENGTH, unmapping or not. A zero NUMBER OF LOGICAL BLOCKS means up to the last block (WSNZ is zero) and is
 * held to the same limit. Small enough that a thick store writes it in well under the time an initiator waits.
 */
export const WRITE_SAME_BLOCKS_MAX = 0x8000;

/** MAXIMUM UNMAP LBA COUNT: over all descriptors of one UNMAP. */
export const UNMAP_BLOCKS_MAX = 0x10_0000;

/** MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT. */
export const UNMAP_DESCRIPTORS_MAX = 256;

/** MAXIMUM ATOMIC TRANSFER LENGTH; never more than the MAXIMUM TRANSFER LENGTH of the smallest (in blocks) unit. */
export const ATOMIC_BLOCKS_MAX = 2048;

/** ATOMIC ALIGNMENT and ATOMIC TRANSFER LENGTH GRANULARITY: whole physical blocks. */
export const atomicUnitBlocks = (physicalBlockExponent: number): number => 2 ** physicalBlockExponent;
