/**
 * The common language of all dialects: one thing that a node is set to, in the words of the fabric file. What the declaration says, what commands
 * set and what a device prints all become settings, so that they can be compared and put back into a fabric file.
 */
import type { Path } from '../../fabric/problem.ts';

/** Numbers are in the unit of the fabric file's model: bytes, bits a second, percent. A list is in the order that counts, else ascending. */
export type SettingValue = string | number | boolean | readonly (string | number)[];

export interface Setting {
  /** Below the node: `['ports', '1/17', 'dcb', 'pfc']`. Names, never indexes. docs/vendors.md lists the keys. */
  readonly key: readonly string[];
  readonly value: SettingValue;
  readonly from: Origin;
  /** The device prints it though nobody set it, or the declaration has it by default: only a difference to something said counts. */
  readonly quiet?: boolean;
}

export type Origin =
  | { readonly kind: 'declared'; readonly at: Path }
  /** Line numbers count from 1. */
  | { readonly kind: 'output'; readonly file: string; readonly line: number };

/** As one text, for maps and for people: `ports.1/17.dcb.pfc`. */
export const keyText = (key: readonly string[]): string => key.map((step) => (/[.\s"]/.test(step) ? JSON.stringify(step) : step)).join('.');

export const sameValue = (one: SettingValue, other: SettingValue): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Lists in which nobody can keep an order: a kernel lists addresses by family, and ports as they came up. */
const UNORDERED: ReadonlySet<string> = new Set(['addresses', 'agents', 'nics', 'uplinks']);

export function sameSetting(key: readonly string[], one: SettingValue, other: SettingValue): boolean {
  if (sameValue(one, other)) return true;
  if (!UNORDERED.has(key.at(-1)!) || !Array.isArray(one) || !Array.isArray(other)) return false;
  return sameValue(one.map(String).toSorted(), other.map(String).toSorted());
}

/** `on`/`off` are words of devices; the fabric file has `true` and `false`. */
export const valueText = (value: SettingValue): string =>
  Array.isArray(value) ? `[${value.join(', ')}]` : `${value as string | number | boolean}`;
