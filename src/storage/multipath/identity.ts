/** Whether two paths lead to one logical unit: by the designators of their Device Identification pages (SPC-4 §7.8.6). */
import type { Designator } from '../../wire/scsi/inquiry-data.ts';
import { unitName } from '../../wire/scsi/inquiry-data.ts';

/** World wide unique by what they are; a T10 designator is as far as its vendor takes care. */
const STRONG: ReadonlySet<string> = new Set(['naa', 'eui-64', 'name']);

const keys = (designators: readonly Designator[], strong: boolean): Set<string> =>
  new Set(
    designators
      .filter(({ of, kind }) => of === 'unit' && (strong ? STRONG.has(kind) : kind === 't10'))
      .map(({ kind, value }) => `${kind} ${value}`),
  );

/** Units that name themselves in the same ways, and share a name. */
export function sameUnit(a: readonly Designator[], b: readonly Designator[]): boolean {
  for (const strong of [true, false]) {
    const [left, right] = [keys(a, strong), keys(b, strong)];
    if (left.size !== 0 && right.size !== 0) return [...left].some((key) => right.has(key));
  }
  return false;
}

export const hasName = (designators: readonly Designator[]): boolean => keys(designators, true).size + keys(designators, false).size !== 0;

/** For people. */
export const nameOf = (designators: readonly Designator[]): string => unitName(designators) ?? 'a unit without a name';
