/** What REPORT LUNS answers (SPC-5 §6.33). */
import { be32, DecodeError } from '../../base/bytes.ts';
import { getLun } from '../iscsi/lun.ts';

export interface LunList {
  /** Those that one level of addressing names, in the order given. */
  readonly luns: readonly number[];
  /** How many others there were: several levels, well known units. */
  readonly others: number;
  /** Bytes of the whole list: more than came where the allocation length was too short. */
  readonly wholeBytes: number;
}

/** Throws DecodeError. */
export function decodeLunList(bytes: Uint8Array): LunList {
  if (bytes.length < 8) throw new DecodeError('scsi-lun-list', bytes.length, 'truncated header');
  const listBytes = be32(bytes, 0);
  const end = Math.min(bytes.length, 8 + listBytes);
  const luns: number[] = [];
  let others = 0;
  for (let at = 8; at + 8 <= end; at += 8) {
    const lun = getLun(bytes, at);
    if (lun === -1) others += 1;
    else luns.push(lun);
  }
  return { luns, others, wholeBytes: 8 + listBytes };
}
