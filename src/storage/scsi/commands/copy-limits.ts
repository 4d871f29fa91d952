/** What the copy manager takes in one EXTENDED COPY, as the Third-party Copy VPD page and RECEIVE COPY RESULTS tell it (SPC-4 §5.17, §6.4). */

/** MAXIMUM CSCD DESCRIPTOR COUNT (target descriptors). */
export const COPY_TARGET_DESCRIPTORS_MAX = 8;

/** MAXIMUM SEGMENT DESCRIPTOR COUNT. */
export const COPY_SEGMENT_DESCRIPTORS_MAX = 8;

/** MAXIMUM DESCRIPTOR LIST LENGTH: target and segment descriptors together, in bytes. */
export const COPY_DESCRIPTOR_LIST_BYTES_MAX = 1024;

/** MAXIMUM SEGMENT LENGTH: the most that one segment descriptor moves, in bytes. */
export const COPY_SEGMENT_BYTES_MAX = 16 * 1024 * 1024;

/** HELD DATA LIMIT: nothing is held for RECEIVE COPY DATA, in bytes. */
export const COPY_HELD_DATA_BYTES_MAX = 0;

/** MAXIMUM CONCURRENT COPIES: copies one logical unit has under way with a list identifier. */
export const CONCURRENT_COPIES_MAX = 16;

/** DATA SEGMENT GRANULARITY (log 2): segments are counted in blocks, so the smallest block size. */
export const COPY_DATA_SEGMENT_GRANULARITY_LOG2 = 9;

/** Segment descriptors: block to block, and block to block with byte offsets. Target descriptor: identification. */
export const COPY_SEGMENT_BLOCK_TO_BLOCK = 0x02;
export const COPY_SEGMENT_BLOCK_TO_BLOCK_OFFSET = 0x0a;
export const COPY_TARGET_IDENTIFICATION = 0xe4;

/** IMPLEMENTED DESCRIPTOR LIST, in ascending order. */
export const COPY_DESCRIPTOR_TYPES: readonly number[] = [
  COPY_SEGMENT_BLOCK_TO_BLOCK,
  COPY_SEGMENT_BLOCK_TO_BLOCK_OFFSET,
  COPY_TARGET_IDENTIFICATION,
];
