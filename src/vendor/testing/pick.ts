/** Choices from a seed, for generators of declarations. */
import { below, chance, type Rng, seededRng } from '../../base/rng.ts';

export interface Picker {
  readonly rng: Rng;
  /** True with the given probability. */
  maybe(probability: number): boolean;
  /** From `least` to `most`, both of them possible. */
  between(least: number, most: number): number;
  one<Value>(values: readonly Value[]): Value;
  /** Between `least` and `most` of them, in their order. */
  some<Value>(values: readonly Value[], least: number, most: number): Value[];
  /** In any order. */
  shuffled<Value>(values: readonly Value[]): Value[];
}

export function picker(seed: number): Picker {
  const rng = seededRng(seed);
  const shuffled = <Value>(values: readonly Value[]): Value[] => {
    const rest = [...values];
    for (let index = rest.length - 1; index > 0; index -= 1) {
      const other = below(rng, index + 1);
      [rest[index], rest[other]] = [rest[other]!, rest[index]!];
    }
    return rest;
  };
  const between = (least: number, most: number): number => least + below(rng, most - least + 1);
  return {
    rng,
    maybe: (probability) => chance(rng, probability),
    between,
    one: (values) => values[below(rng, values.length)]!,
    some: (values, least, most) => {
      const count = Math.min(values.length, between(least, most));
      const chosen = new Set(shuffled(values.map((_, index) => index)).slice(0, count));
      return values.filter((_, index) => chosen.has(index));
    },
    shuffled,
  };
}

/** A declaration as code makes it. Mappings keep their order. */
export type Written = Record<string, unknown>;

/** Without what is undefined, and without empty mappings where nothing was said. */
export function written(parts: Readonly<Record<string, unknown>>): Written {
  const result: Written = {};
  for (const [key, value] of Object.entries(parts)) {
    if (value === undefined) continue;
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0) continue;
    result[key] = value;
  }
  return result;
}
