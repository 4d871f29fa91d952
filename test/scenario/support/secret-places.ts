/** Every place of a fabric file that names the source of a secret, as its JSON Schema has them: whoever adds one adds it here. */
import { fabricJsonSchema } from '../../../src/fabric/json-schema.ts';

export type Step = string | typeof ANY_NAME | typeof ANY_ITEM;
export const ANY_NAME = Symbol('name');
export const ANY_ITEM = Symbol('item');

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

/** Paths to mappings of `env` and `file`, and to whatever is called a secret. */
export function secretPlaces(): Step[][] {
  const found = new Map<string, Step[]>();
  const visit = (shape: Shape, path: readonly Step[]): void => {
    const { properties = {}, additionalProperties, items } = shape;
    const isSource = 'env' in properties && 'file' in properties;
    const isNamed = /secret|password|token|credential/i.test(String(path.at(-1)?.toString() ?? ''));
    if (isSource || isNamed) return void found.set(placeText(path), [...path]);
    for (const [key, inner] of Object.entries(properties)) visit(inner, [...path, key]);
    if (typeof additionalProperties === 'object') visit(additionalProperties, [...path, ANY_NAME]);
    if (items !== undefined) visit(items, [...path, ANY_ITEM]);
    for (const inner of [...(shape.anyOf ?? []), ...(shape.oneOf ?? [])]) visit(inner, path);
  };
  visit(fabricJsonSchema() as Shape, []);
  return [...found.values()];
}

export const placeText = (path: readonly Step[]): string =>
  path.map((step) => (step === ANY_NAME ? '*' : step === ANY_ITEM ? '[]' : String(step))).join('.');

/** The places of a declaration that are among these. */
export function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('env' in value || 'file' in value) return [path];
  return Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, Array.isArray(value) ? '[]' : key]));
}

export const fits = (path: readonly string[], place: readonly Step[]): boolean =>
  path.length === place.length && place.every((step, index) => step === ANY_NAME || (step === ANY_ITEM ? '[]' : step) === path[index]);

/** A declaration, seldom a sound one, that has this value at this place. */
export const declarationWith = (path: readonly Step[], value: unknown): unknown =>
  path.reduceRight<unknown>((inner, step) => {
    if (step === ANY_ITEM) return [inner];
    return { [step === ANY_NAME ? 'one' : (step as string)]: inner };
  }, value);
