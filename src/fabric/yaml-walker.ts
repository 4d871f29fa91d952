/** Parsed YAML to plain values, with the place of each; aliases are followed. */
import { isAlias, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { describePath, type Placement } from './positions.ts';
import { type Path, type Problem, RULE_DUPLICATE_KEY, RULE_TOO_LARGE, RULE_YAML, type Span } from './problem.ts';

/** After aliases are followed, so that a few lines can't stand for billions. */
const VALUES_MAX = 500_000;
const DEPTH_MAX = 32;

interface Stretch {
  readonly from: number;
  readonly to: number;
}

const START: Stretch = { from: 0, to: 0 };

interface Read {
  readonly value: unknown;
  readonly placement: Placement;
}

export interface Walk {
  readonly value: unknown;
  readonly placement: Placement | undefined;
  readonly problems: readonly Problem[];
  /** There is more than can be read, or something that can't. */
  readonly gaveUp: boolean;
}

/** `spanOf` turns offsets in the text into a span. */
export function walkYaml(contents: Node | null, file: string, spanOf: (from: number, to: number) => Span): Walk {
  const walker = new Walker(file, spanOf);
  const { value, placement } = walker.read(contents, undefined);
  return { value, placement, problems: walker.problems, gaveUp: walker.gaveUp };
}

class Walker {
  readonly problems: Problem[] = [];
  gaveUp = false;
  readonly #file: string;
  readonly #spanOf: (from: number, to: number) => Span;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  /** Where the walk is. */
  readonly #path: (string | number)[] = [];
  #values = 0;

  constructor(file: string, spanOf: (from: number, to: number) => Span) {
    this.#file = file;
    this.#spanOf = spanOf;
  }

  read(node: Node | null | undefined, key: Stretch | undefined): Read {
    this.#values += 1;
    const stretch = stretchOf(node) ?? key ?? START;
    const place = (value: unknown, inner?: ReadonlyMap<string | number, Placement>): Read => ({
      value,
      placement: { from: stretch.from, to: stretch.to, key, inner },
    });
    if (this.gaveUp) return place(undefined);
    if (this.#values > VALUES_MAX || this.#path.length > DEPTH_MAX) {
      this.gaveUp = true;
      this.#problem(stretch, RULE_TOO_LARGE, 'The declaration is too large or nested too deeply from here on.', 'Split it.');
      return place(undefined);
    }
    if (node === null || node === undefined) return place(null);
    if (isAlias(node)) return this.#follow(node.source, key, stretch) ?? place(undefined);
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return place(node.value);
    this.#open.add(node);
    const inner = new Map<string | number, Placement>();
    const value = isSeq(node) ? this.#readList(node.items as (Node | null)[], inner) : this.#readMap(node as YAMLMap, inner);
    this.#open.delete(node);
    return place(value, inner);
  }

  #readList(items: readonly (Node | null)[], placements: Map<string | number, Placement>): unknown[] {
    return items.map((item, index) => {
      this.#path.push(index);
      const { value, placement } = this.read(item, undefined);
      this.#path.pop();
      placements.set(index, placement);
      return value;
    });
  }

  #readMap(map: YAMLMap, placements: Map<string | number, Placement>): unknown {
    const result: Record<string, unknown> = {};
    const seen = new Map<string, Stretch>();
    for (const pair of map.items) {
      const keyNode = pair.key as Node | null;
      const key = stretchOf(keyNode) ?? START;
      const name = isScalar(keyNode) ? String(keyNode.value) : undefined;
      if (name === undefined || name === '__proto__') {
        this.#problem(key, RULE_YAML, 'This key is not a word.', 'Write a plain name before the colon.');
        continue;
      }
      this.#path.push(name);
      const first = seen.get(name);
      if (first !== undefined) {
        const related = [{ ...this.#spanOf(first.from, first.to), message: 'the first one' }];
        this.#problem(key, RULE_DUPLICATE_KEY, `\`${shorten(name)}\` is written twice here.`, 'Keep one of them.', related);
      } else {
        seen.set(name, key);
        const { value, placement } = this.read(pair.value as Node | null, key);
        placements.set(name, placement);
        result[name] = value;
      }
      this.#path.pop();
    }
    return result;
  }

  #follow(name: string, key: Stretch | undefined, alias: Stretch): Read | undefined {
    const target = this.#anchors.get(name);
    if (target !== undefined && !this.#open.has(target)) return this.read(target, key);
    const why =
      target === undefined ? `No \`&${name}\` stands above this \`*${name}\`.` : `\`*${name}\` stands inside of what it refers to.`;
    this.#problem(alias, RULE_YAML, why, 'Name an anchor that is complete above this line.');
    this.gaveUp = true;
    return undefined;
  }

  #problem({ from, to }: Stretch, rule: string, message: string, remedy: string, related?: Problem['related']): void {
    const where = describePath(this.#path as Path);
    const problem = { ...this.#spanOf(from, to), rule, severity: 'error' as const, message, remedy, file: this.#file, where };
    this.problems.push(related === undefined ? problem : { ...problem, related });
  }
}

function stretchOf(node: Node | null | undefined): Stretch | undefined {
  const range = node?.range;
  return range === null || range === undefined ? undefined : { from: range[0], to: range[1] };
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
