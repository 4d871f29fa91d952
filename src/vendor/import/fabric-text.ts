/** What was gathered, as the text of a fabric file. */
import { Document, isMap, type Pair, type Scalar } from 'yaml';
import { declare } from './declare.ts';
import { type Gathered, type GatheredNode, nodeName } from './gather.ts';

const SECTIONS = { array: 'arrays', host: 'hosts', switch: 'switches' } as const;

export function fabricText(gathered: Gathered, name: string): string {
  const declaration: Record<string, unknown> = { version: 1, name: nodeName(name) };
  for (const kind of ['switch', 'host', 'array'] as const) {
    const nodes = gathered.nodes.filter((node) => node.kind === kind);
    if (nodes.length > 0) declaration[SECTIONS[kind]] = Object.fromEntries(nodes.map((node) => [node.name, declareNode(node)]));
  }
  const document = new Document(declaration, { aliasDuplicateObjects: false });
  for (const node of gathered.nodes) {
    const section = document.get(SECTIONS[node.kind]);
    const pair = isMap(section) ? (section.items as Pair<Scalar<string>>[]).find(({ key }) => key.value === node.name) : undefined;
    if (pair === undefined) continue;
    pair.key.commentBefore = node.sources.map(({ file, dialect, output }) => ` ${file}: ${output.name} (${dialect.product})`).join('\n');
  }
  flow(document);
  return document.toString({ lineWidth: 140 });
}

function declareNode(node: GatheredNode): unknown {
  const os = node.sources.map(({ dialect }) => dialect.system).find((one) => one !== undefined);
  return declare(node.kind, node.settings, os);
}

/** Short lists and small mappings go in one line. */
function flow(document: Document): void {
  const visit = (one: unknown): number => {
    if (typeof one !== 'object' || one === null) return 0;
    const { items } = one as { items?: readonly unknown[] };
    if (items === undefined) return `${String((one as Scalar).value)}`.length + 2;
    let length = 0;
    let deep = false;
    for (const item of items) {
      const pair = item as Partial<Pair>;
      const value = pair.value ?? item;
      length += visit(pair.key) + visit(value) + 2;
      deep ||= typeof value === 'object' && value !== null && 'items' in value && isMap(value);
    }
    const isList = !isMap(one);
    if (!deep && length < (isList ? 100 : 60)) (one as { flow?: boolean }).flow = true;
    return length;
  };
  const { contents } = document;
  if (!isMap(contents)) return;
  for (const { value } of contents.items)
    if (isMap(value)) for (const node of value.items) if (isMap(node.value)) visitInner(node.value, visit);
}

function visitInner(node: { items: readonly unknown[] }, visit: (one: unknown) => number): void {
  for (const item of node.items) visit((item as Pair).value);
}
