/** What is given to an operation, read by its schema; what is wrong with it is one sentence. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

/** What was given can't be what is meant. */
export class InputError extends Error {}

/** As much of JSON Schema as schemas of inputs come to. */
export interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

const shapes = new WeakMap<z.ZodType, Shape>();

/** As JSON Schema, of what is given. */
export function inputShape(schema: z.ZodType): Shape {
  const known = shapes.get(schema);
  if (known !== undefined) return known;
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input' });
  shapes.set(schema, shape as Shape);
  return shape as Shape;
}

/** Throws an InputError. */
export function readInput(operation: Operation, given: unknown): z.infer<Operation['input']> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new InputError('A request is a JSON object.');
  const read = operation.input.safeParse(given);
  if (read.success) return read.data;
  throw new InputError(sentence(read.error.issues[0]!, inputShape(operation.input), given));
}

/** The parameters of a query, which are all texts, as what the schema wants. */
export function queryValues(operation: Operation, query: URLSearchParams): Readonly<Record<string, unknown>> {
  const properties = inputShape(operation.input).properties ?? {};
  const values: [string, unknown][] = [...new Set(query.keys())].map((key) => {
    const texts = query.getAll(key);
    const shape = properties[key];
    if (shape?.type === 'array') return [key, texts.map((text) => valueOf(text, shape.items ?? {}))];
    if (texts.length > 1) throw new InputError(`\`${shown(key)}\` is given once.`);
    return [key, valueOf(texts[0]!, shape ?? {})];
  });
  return Object.fromEntries(values);
}

function valueOf(text: string, { type }: Shape): unknown {
  if (type === 'number' || type === 'integer') return /^-?\d{1,20}(\.\d{1,20})?$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

function sentence(issue: z.core.$ZodIssue, whole: Shape, given: object): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(whole.properties ?? {}).map((key) => `\`${key}\``);
    return `There is no \`${shown(issue.keys[0]!)}\` to be given; ${known.length === 0 ? 'there is nothing' : `there is ${known.join(', ')}`}.`;
  }
  if (issue.code === 'custom' || issue.path.length === 0) return issue.message;
  let shape = whole;
  for (const step of issue.path) shape = (typeof step === 'number' ? shape.items : shape.properties?.[String(step)]) ?? {};
  const name = issue.path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`))
    .join('');
  const isMissing = issue.path.length === 1 && (given as Readonly<Record<string, unknown>>)[String(issue.path[0])] === undefined;
  return isMissing ? `\`${name}\` is missing: ${noun(shape)}.` : `\`${name}\` is ${noun(shape)}.`;
}

function noun(shape: Shape): string {
  if (shape.anyOf !== undefined) return shape.anyOf.map(noun).join(', or ');
  if (shape.const !== undefined) return String(shape.const);
  if (shape.enum !== undefined) return `one of ${shape.enum.map(String).join(', ')}`;
  switch (shape.type) {
    case 'boolean':
      return 'true or false';
    case 'number':
      return `a number from ${shape.minimum} to ${shape.maximum}`;
    case 'integer':
      return `a whole number from ${shape.minimum} to ${shape.maximum}`;
    case 'array':
      return `a list of at most ${shape.maxItems}, each ${noun(shape.items ?? {})}`;
    case 'string':
      return `a text of ${shape.minLength === undefined ? 'at most' : `${shape.minLength} to`} ${shape.maxLength} characters`;
    default:
      return 'something else';
  }
}

const shown = (text: string): string => text.slice(0, 40);
