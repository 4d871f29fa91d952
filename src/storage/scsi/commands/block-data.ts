/** Runs of bytes in several pieces, as data-out and stores give them: cut, compared, repeated, or kept. */
import type { DataOut } from '../command.ts';
import type { LogicalUnit } from '../logical-unit.ts';

type Views = readonly Uint8Array[];

/** The part of the run from `start` on, without copying. */
export function part(views: Views, start: number, lengthBytes: number): Views {
  const out: Uint8Array[] = [];
  let skip = start;
  let left = lengthBytes;
  for (const view of views) {
    if (left === 0) break;
    if (skip >= view.length) {
      skip -= view.length;
      continue;
    }
    const taken = Math.min(left, view.length - skip);
    out.push(taken === view.length ? view : view.subarray(skip, skip + taken));
    left -= taken;
    skip = 0;
  }
  return out;
}

/** Offset of the first byte in which two runs differ within their first `lengthBytes`, or -1. */
export function firstDifference(left: Views, right: Views, lengthBytes: number): number {
  let [leftView, leftAt, rightView, rightAt] = [0, 0, 0, 0];
  for (let at = 0; at < lengthBytes; ) {
    const a = left[leftView]!;
    const b = right[rightView]!;
    const length = Math.min(a.length - leftAt, b.length - rightAt, lengthBytes - at);
    const found = differenceWithin(a, leftAt, b, rightAt, length);
    if (found !== -1) return at + found;
    at += length;
    leftAt += length;
    rightAt += length;
    if (leftAt === a.length) [leftView, leftAt] = [leftView + 1, 0];
    if (rightAt === b.length) [rightView, rightAt] = [rightView + 1, 0];
  }
  return -1;
}

function differenceWithin(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): number {
  let same = 0;
  // Four bytes at a time where both runs are aligned, which blocks in memory are.
  if ((a.byteOffset + aStart) % 4 === 0 && (b.byteOffset + bStart) % 4 === 0) {
    const words = length >>> 2;
    const aWords = new Int32Array(a.buffer, a.byteOffset + aStart, words);
    const bWords = new Int32Array(b.buffer, b.byteOffset + bStart, words);
    let word = 0;
    while (word < words && aWords[word] === bWords[word]) word += 1;
    same = word * 4;
  }
  while (same < length && a[aStart + same] === b[bStart + same]) same += 1;
  return same === length ? -1 : same;
}

/** Sets every bit in `target` that is set in the run. */
export function orInto(target: Uint8Array, views: Views): void {
  let at = 0;
  for (const view of views) {
    for (let index = 0; index < view.length; index += 1) target[at + index]! |= view[index]!;
    at += view.length;
  }
}

/** As many whole copies of a block as fit into 64 KiB, but no more than `count`: what `repeated` is made of. */
export function tile(block: Uint8Array, count: number): Uint8Array {
  const copies = Math.max(1, Math.min(count, Math.floor(65_536 / block.length)));
  const out = new Uint8Array(copies * block.length);
  for (let copy = 0; copy < copies; copy += 1) out.set(block, copy * block.length);
  return out;
}

/** A run of so many bytes made of one tile over and over. */
export function repeated(pattern: Uint8Array, lengthBytes: number): Views {
  const out: Uint8Array[] = [];
  for (let left = lengthBytes; left > 0; left -= pattern.length) out.push(left >= pattern.length ? pattern : pattern.subarray(0, left));
  return out;
}

/** Data-out that is needed after the handler returned: a copy unless it is ours to keep. */
export function keep(unit: LogicalUnit, data: DataOut): Views {
  // A store that completes at once is done with it before; commands that take turns ask for less than a turn then.
  return data.owned || (unit.store.completesAtOnce && data.lengthBytes <= KEPT_BYTES_MIN)
    ? [...data.views]
    : data.views.map((view) => view.slice());
}

/** What a command does in one turn, before it lets others have theirs. */
export const PIECE_BYTES = 1024 * 1024;
const KEPT_BYTES_MIN = PIECE_BYTES;
