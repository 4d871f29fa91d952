/** Ways through the model that several rules take. */
import type { Chap, Fabric } from '../fabric/model.ts';

/** Everything that asks for CHAP: access to targets, and discovery. */
export function chapsOf(fabric: Fabric): Chap[] {
  const discovery = fabric.arrays.map((array) => array.discoveryChap);
  const access = fabric.arrays.flatMap((array) => array.targets).flatMap((target) => (target.access ?? []).map((entry) => entry.chap));
  return [...discovery, ...access].filter((chap) => chap !== undefined);
}
