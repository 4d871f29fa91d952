/** Follows a declaration through its JSON Schema: which of its keys are known ones, and which words the schema has. */
import { fabricJsonSchema } from '../../fabric/json-schema.ts';

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode | readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** What the schema allows at a place; empty: nothing, or nobody knows. */
export type Cursor = readonly SchemaNode[];

export const NOWHERE: Cursor = [];

let top: SchemaNode | undefined;
const topSchema = (): SchemaNode => (top ??= fabricJsonSchema() as SchemaNode);

export const topCursor = (): Cursor => flat([topSchema()]);

const flat = (nodes: readonly SchemaNode[]): SchemaNode[] =>
  nodes.flatMap((node) => [node, ...flat([...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])])]);

export const stepInto = (cursor: Cursor, key: string): Cursor =>
  flat(
    cursor.flatMap(({ properties, additionalProperties }) => {
      if (properties !== undefined && Object.hasOwn(properties, key)) return [properties[key]!];
      return typeof additionalProperties === 'object' ? [additionalProperties] : [];
    }),
  );

export const itemOf = (cursor: Cursor): Cursor =>
  flat(cursor.flatMap(({ items }) => (items === undefined ? [] : Array.isArray(items) ? (items as SchemaNode[]) : [items as SchemaNode])));

export interface SchemaWords {
  readonly keys: ReadonlySet<string>;
  /** Of enumerations, and the words that everybody writes. */
  readonly values: ReadonlySet<string>;
}

function collect(): SchemaWords {
  const [keys, values] = [new Set<string>(), new Set(['true', 'false', 'null', '~', 'any', 'none', 'auto', 'default'])];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, enum: choices, const: only } = node as SchemaNode;
    for (const key of Object.keys(properties ?? {})) keys.add(key);
    for (const choice of [...(choices ?? []), only]) if (typeof choice === 'string') values.add(choice);
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(topSchema());
  return { keys, values };
}

let collected: SchemaWords | undefined;
export const schemaWords = (): SchemaWords => (collected ??= collect());
