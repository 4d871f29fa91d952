/** Finds the zeros in a piece of data: runs of them that are worth a command of their own. */

export interface Run {
  readonly start: number;
  readonly end: number;
  readonly zeros: boolean;
}

/** Shorter runs of zeros are written like data: a command costs more than they do. */
const RUN_BYTES_MIN = 32 * 1024;
/** As fine as file systems and images are. */
const GRAIN_BYTES = 4096;

const zeros = Buffer.alloc(GRAIN_BYTES);

export const isZero = (bytes: Uint8Array): boolean => {
  for (let at = 0; at < bytes.length; at += GRAIN_BYTES) {
    if (bytes[at] !== 0) return false;
    const part = bytes.subarray(at, at + GRAIN_BYTES);
    if (Buffer.compare(part, part.length === GRAIN_BYTES ? zeros : zeros.subarray(0, part.length)) !== 0) return false;
  }
  return true;
};

/**
 * The runs of `data`, which lies at `atBytes`, in order and without gaps. Those of zeros begin and end at multiples of `unitBytes`, except
 * where the data ends.
 */
export function zeroRuns(data: Uint8Array, atBytes: number, unitBytes: number): readonly Run[] {
  const grain = Math.ceil(GRAIN_BYTES / unitBytes) * unitBytes;
  const least = Math.max(RUN_BYTES_MIN, grain);
  const runs: Run[] = [];
  let dataStart = 0;
  let zeroStart = -1;
  const close = (end: number): void => {
    // A run to the very end of the data may go on in the next piece.
    if (zeroStart === -1 || (end - zeroStart < least && end !== data.length)) return;
    if (zeroStart > dataStart) runs.push({ start: dataStart, end: zeroStart, zeros: false });
    runs.push({ start: zeroStart, end, zeros: true });
    dataStart = end;
  };
  const first = (grain - (atBytes % grain)) % grain;
  for (let at = first; at < data.length; at += grain) {
    const zero = isZero(data.subarray(at, at + grain));
    if (zero && zeroStart === -1) zeroStart = at;
    if (zero) continue;
    close(at);
    zeroStart = -1;
  }
  close(data.length);
  if (dataStart < data.length) runs.push({ start: dataStart, end: data.length, zeros: false });
  return runs;
}
