/** Pieces of data that lies in several views. */

/** The views of the `bytes` bytes from `offset` on. */
export function sliceViews(views: readonly Uint8Array[], offset: number, bytes: number): readonly Uint8Array[] {
  if (views.length === 1) {
    const only = views[0]!;
    return offset === 0 && bytes === only.length ? views : [only.subarray(offset, offset + bytes)];
  }
  const out: Uint8Array[] = [];
  let skip = offset;
  let left = bytes;
  for (const view of views) {
    if (left === 0) break;
    if (skip >= view.length) {
      skip -= view.length;
      continue;
    }
    const part = view.subarray(skip, skip + left);
    out.push(part);
    left -= part.length;
    skip = 0;
  }
  return out;
}
