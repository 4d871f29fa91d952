/** Compares reports: plain data of objects, lists, texts and numbers. Allocates nothing but lists of keys, where a text of JSON would be made and thrown away. */

export function sameData(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false;
    for (let index = 0; index < one.length; index += 1) if (!sameData(one[index], other[index])) return false;
    return true;
  }
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  for (const key of keys) if (!(key in other) || !sameData((one as Bag)[key], (other as Bag)[key])) return false;
  return true;
}

type Bag = Readonly<Record<string, unknown>>;

/** `now`, with what is as `before` in it taken from there; `before` itself if nothing differs. Entries are compared place by place. */
export function keepSame<Entry>(before: readonly Entry[], now: readonly Entry[]): readonly Entry[] {
  let changed = before.length !== now.length;
  const kept = now.map((entry, index) => {
    const old = before[index];
    if (old !== undefined && sameData(old, entry)) return old;
    changed = true;
    return entry;
  });
  return changed ? kept : before;
}
