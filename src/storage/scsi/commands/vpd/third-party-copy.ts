/** Third-party Copy VPD page, 8Fh (SPC-5 §7.8): what the copy manager takes. */
import { addTo } from '../../../../base/grouped.ts';
import { concat, putBe16, putBe32 } from '../../../../base/bytes.ts';
import {
  CONCURRENT_COPIES_MAX,
  COPY_DATA_SEGMENT_GRANULARITY_LOG2,
  COPY_DESCRIPTOR_LIST_BYTES_MAX,
  COPY_DESCRIPTOR_TYPES,
  COPY_SEGMENT_BYTES_MAX,
  COPY_SEGMENT_DESCRIPTORS_MAX,
  COPY_TARGET_DESCRIPTORS_MAX,
} from '../copy-limits.ts';
import { extendedCopyCommands } from '../extended-copy.ts';
import { receiveCopyResultsCommands } from '../receive-copy-results.ts';

/** SPC-5 §7.8: a descriptor is as long as the field says, which makes a multiple of four. */
function descriptor(type: number, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + ((content.length + 3) & ~3));
  putBe16(out, 0, type);
  putBe16(out, 2, out.length - 4);
  out.set(content, 4);
  return out;
}

/** The service actions there are, by operation code. */
function supportedCommands(): Uint8Array {
  const actions = new Map<number, number[]>();
  for (const { operationCode, serviceAction } of [...extendedCopyCommands, ...receiveCopyResultsCommands]) {
    addTo(actions, operationCode, serviceAction!);
  }
  const list = [...actions].flatMap(([operationCode, ofCode]) => [operationCode, ofCode.length, ...ofCode]);
  return Uint8Array.from([list.length, ...list]);
}

function parameterData(): Uint8Array {
  const out = new Uint8Array(28);
  putBe16(out, 4, COPY_TARGET_DESCRIPTORS_MAX);
  putBe16(out, 6, COPY_SEGMENT_DESCRIPTORS_MAX);
  putBe32(out, 8, COPY_DESCRIPTOR_LIST_BYTES_MAX);
  return out;
}

function generalCopyOperations(): Uint8Array {
  const out = new Uint8Array(32);
  putBe32(out, 0, CONCURRENT_COPIES_MAX);
  putBe32(out, 4, CONCURRENT_COPIES_MAX);
  putBe32(out, 8, COPY_SEGMENT_BYTES_MAX);
  out[12] = COPY_DATA_SEGMENT_GRANULARITY_LOG2;
  return out;
}

export function thirdPartyCopy(): Uint8Array {
  return concat([
    descriptor(0x0001, supportedCommands()),
    descriptor(0x0004, parameterData()),
    descriptor(0x0008, Uint8Array.from([COPY_DESCRIPTOR_TYPES.length, ...COPY_DESCRIPTOR_TYPES])),
    descriptor(0x8001, generalCopyOperations()),
  ]);
}
