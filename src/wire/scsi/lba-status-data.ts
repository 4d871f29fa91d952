/** What GET LBA STATUS answers (SBC-4 §5.6.2): runs of blocks that are mapped, or are not. */
import { be32, be64, DecodeError } from '../../base/bytes.ts';

export interface LbaRun {
  readonly lba: number;
  readonly blocks: number;
  /** `anchored` and `deallocated` blocks hold no data (SBC-4 table 66). */
  readonly status: 'mapped' | 'deallocated' | 'anchored' | 'other';
}

const STATUSES = ['mapped', 'deallocated', 'anchored'] as const;
const HEADER_BYTES = 8;
const DESCRIPTOR_BYTES = 16;

/** Runs in the order given, those of no length left out. Throws DecodeError. */
export function decodeLbaStatus(bytes: Uint8Array): readonly LbaRun[] {
  if (bytes.length < HEADER_BYTES) throw new DecodeError('scsi-lba-status', bytes.length, 'truncated header');
  // PARAMETER DATA LENGTH counts what stands behind itself.
  const end = Math.min(bytes.length, 4 + be32(bytes, 0));
  const runs: LbaRun[] = [];
  for (let at = HEADER_BYTES; at + DESCRIPTOR_BYTES <= end; at += DESCRIPTOR_BYTES) {
    const [lba, blocks] = [be64(bytes, at), be32(bytes, at + 8)];
    if (!Number.isSafeInteger(lba + blocks)) throw new DecodeError('scsi-lba-status', at, 'a run past every block that can be counted');
    if (blocks !== 0) runs.push({ lba, blocks, status: STATUSES[bytes[at + 12]! & 0x0f] ?? 'other' });
  }
  return runs;
}
