/** Parameter list of EXTENDED COPY(LID1) (SPC-4 §6.4): target descriptors, segment descriptors, and what is wrong with them. */
import { be16, be32, be64 } from '../../../base/bytes.ts';
import type { AdditionalSense } from '../../../wire/scsi/sense.ts';
import {
  COPY_DESCRIPTOR_LIST_BYTES_MAX,
  COPY_SEGMENT_BLOCK_TO_BLOCK,
  COPY_SEGMENT_BLOCK_TO_BLOCK_OFFSET,
  COPY_SEGMENT_DESCRIPTORS_MAX,
  COPY_TARGET_DESCRIPTORS_MAX,
  COPY_TARGET_IDENTIFICATION,
} from './copy-limits.ts';

export const COPY_HEADER_BYTES = 16;
export const COPY_LIST_BYTES_MAX = COPY_HEADER_BYTES + COPY_DESCRIPTOR_LIST_BYTES_MAX;
const TARGET_BYTES = 32;
/** PAD, in byte 28 of the target descriptor of a block device (SPC-4 §6.4.4.4). */
const PAD = 0x04;
const DESTINATION_COUNT = 0x02;
const CONCATENATE = 0x01;
/** LIST ID USAGE (SPC-4 table 134): hold the results, hold nothing, no list identifier at all. */
const HOLD = 0;
const RESERVED = 1;
const NO_LIST_ID = 3;

export interface CopyTarget {
  /** NAA designator of a logical unit; undefined: a designator we give nobody. */
  readonly naa: Uint8Array | undefined;
  /** DISK BLOCK LENGTH, in bytes. */
  readonly blockBytes: number;
  /** PAD: complete or cut the last block rather than fail. */
  readonly pads: boolean;
  readonly listByte: number;
}

export interface CopySegment {
  readonly source: number;
  readonly destination: number;
  readonly sourceLba: number;
  readonly destinationLba: number;
  /** CAT: keep what is left over for the next segment. */
  readonly concatenates: boolean;
  readonly length:
    | { readonly unit: 'source blocks' | 'destination blocks'; readonly count: number }
    /** Segment 0Ah: any number of bytes, from and to any byte of a block. */
    | { readonly unit: 'bytes'; readonly count: number; readonly sourceOffset: number; readonly destinationOffset: number };
  readonly listByte: number;
}

export interface CopyPlan {
  /** Undefined: LIST ID USAGE says that there is none. */
  readonly listId: number | undefined;
  readonly holdsResults: boolean;
  readonly targets: readonly CopyTarget[];
  readonly segments: readonly CopySegment[];
}

/** What ILLEGAL REQUEST is about; `byte` points into the parameter list. */
export interface CopyRefusal {
  readonly code: AdditionalSense;
  readonly byte?: number;
}

const refuse = (code: AdditionalSense, byte?: number): CopyRefusal => (byte === undefined ? { code } : { code, byte });

export const isRefusal = (value: CopyPlan | CopyRefusal): value is CopyRefusal => 'code' in value;

export function decodeCopyParameters(list: Uint8Array): CopyPlan | CopyRefusal {
  if (list.length < COPY_HEADER_BYTES) return refuse('PARAMETER_LIST_LENGTH_ERROR');
  const usage = (list[1]! >>> 3) & 0x03;
  const targetBytes = be16(list, 2);
  const segmentBytes = be32(list, 8);
  const segmentsAt = COPY_HEADER_BYTES + targetBytes;
  if (targetBytes + segmentBytes > COPY_DESCRIPTOR_LIST_BYTES_MAX) return refuse('PARAMETER_LIST_LENGTH_ERROR');
  if (targetBytes % TARGET_BYTES !== 0 || segmentsAt + segmentBytes > list.length) return refuse('PARAMETER_LIST_LENGTH_ERROR');
  if (be32(list, 12) !== 0) return refuse('INLINE_DATA_LENGTH_EXCEEDED', 12);
  if (usage === RESERVED) return refuse('INVALID_FIELD_IN_PARAMETER_LIST', 1);
  // SPC-4 §6.4.3.2: where no list identifier is meant it has to be zero.
  if (usage === NO_LIST_ID && list[0] !== 0) return refuse('INVALID_FIELD_IN_PARAMETER_LIST', 0);
  const targets = decodeTargets(list, segmentsAt);
  if (!Array.isArray(targets)) return targets;
  const segments = decodeSegments(list, segmentsAt, segmentsAt + segmentBytes);
  if (!Array.isArray(segments)) return segments;
  return { listId: usage === NO_LIST_ID ? undefined : list[0]!, holdsResults: usage === HOLD, targets, segments };
}

function decodeTargets(list: Uint8Array, end: number): CopyTarget[] | CopyRefusal {
  if ((end - COPY_HEADER_BYTES) / TARGET_BYTES > COPY_TARGET_DESCRIPTORS_MAX) return refuse('TOO_MANY_TARGET_DESCRIPTORS', 2);
  const targets: CopyTarget[] = [];
  for (let at = COPY_HEADER_BYTES; at < end; at += TARGET_BYTES) {
    if (list[at] !== COPY_TARGET_IDENTIFICATION) return refuse('UNSUPPORTED_TARGET_DESCRIPTOR', at);
    // SPC-4 §6.4.4.1: LU ID TYPE is ignored in this descriptor; we copy between block devices, PERIPHERAL DEVICE TYPE 00h.
    if ((list[at + 1]! & 0x1f) !== 0) return refuse('INVALID_FIELD_IN_PARAMETER_LIST', at + 1);
    targets.push({
      naa: naaDesignator(list, at + 4),
      blockBytes: (list[at + 29]! << 16) | be16(list, at + 30),
      pads: (list[at + 28]! & PAD) !== 0,
      listByte: at,
    });
  }
  return targets;
}

/** The designator of 20 bytes at most, if it is of the one kind that our units are known by: binary, of the logical unit, NAA. */
function naaDesignator(list: Uint8Array, at: number): Uint8Array | undefined {
  const length = list[at + 3]!;
  const isNaa = (list[at]! & 0x0f) === 1 && (list[at + 1]! & 0x3f) === 3;
  return isNaa && length <= 20 ? list.subarray(at + 4, at + 4 + length) : undefined;
}

const SEGMENT_BYTES: Readonly<Record<number, number>> = {
  [COPY_SEGMENT_BLOCK_TO_BLOCK]: 28,
  [COPY_SEGMENT_BLOCK_TO_BLOCK_OFFSET]: 32,
};

function decodeSegments(list: Uint8Array, start: number, end: number): CopySegment[] | CopyRefusal {
  const segments: CopySegment[] = [];
  for (let at = start; at < end; ) {
    if (segments.length === COPY_SEGMENT_DESCRIPTORS_MAX) return refuse('TOO_MANY_SEGMENT_DESCRIPTORS', 8);
    const length = SEGMENT_BYTES[list[at]!];
    if (length === undefined) return refuse('UNSUPPORTED_SEGMENT_DESCRIPTOR', at);
    if (at + length > end) return refuse('PARAMETER_LIST_LENGTH_ERROR');
    if (be16(list, at + 2) !== length - 4) return refuse('INVALID_FIELD_IN_PARAMETER_LIST', at + 2);
    segments.push(decodeSegment(list, at));
    at += length;
  }
  return segments;
}

function decodeSegment(list: Uint8Array, at: number): CopySegment {
  const flags = list[at + 1]!;
  const common = {
    source: be16(list, at + 4),
    destination: be16(list, at + 6),
    sourceLba: be64(list, at + 12),
    destinationLba: be64(list, at + 20),
    concatenates: (flags & CONCATENATE) !== 0,
    listByte: at,
  };
  if (list[at] === COPY_SEGMENT_BLOCK_TO_BLOCK_OFFSET) {
    const offsets = { sourceOffset: be16(list, at + 28), destinationOffset: be16(list, at + 30) };
    return { ...common, length: { unit: 'bytes', count: be32(list, at + 8), ...offsets } };
  }
  const unit = (flags & DESTINATION_COUNT) === 0 ? 'source blocks' : 'destination blocks';
  return { ...common, length: { unit, count: be16(list, at + 10) } };
}
