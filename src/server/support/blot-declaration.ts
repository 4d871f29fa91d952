/**
 * The text of a fabric file without its secrets: those at places for sources of secrets, those at places like them by name, what nobody knows under
 * keys that nobody knows, and all comments. Lines keep their numbers, and what stands instead is YAML of the same kind.
 */
import { isAlias, isMap, isScalar, isSeq, Lexer, type Node, parseDocument, type Scalar } from 'yaml';
import type { SecretSource } from '../../fabric/model-parts.ts';
import { describePath } from '../../fabric/positions.ts';
import { tooMuch } from '../../fabric/yaml-bounds.ts';
import { blotLines } from './blot-lines.ts';
import type { Blotted, KeepsSource } from './blotted.ts';
import { isHarmless } from './harmless.ts';
import { type Cursor, itemOf, NOWHERE, schemaWords, stepInto, topCursor } from './schema-cursor.ts';
import { BLOT, hideTold, isSecretName } from './secret-words.ts';

export function blotDeclaration(text: string, keeps: KeepsSource): Blotted {
  const document = tooMuch(text) === undefined ? parsed(text) : undefined;
  if (document === undefined) return { ...blotLines(text, keeps), byLines: true };
  const comments = commentsOf(text);
  let secretAnchors = new Map<string, Mode>();
  for (;;) {
    const blotter = new Blotter(text, keeps, secretAnchors);
    blotter.visit(document, topCursor(), 'known', []);
    const found = blotter.aliased;
    if ([...found].every(([name, mode]) => secretAnchors.get(name) === mode))
      return {
        text: edited(text, [...blotter.edits, ...comments.edits]),
        values: [...blotter.values, ...comments.values],
        blots: blotter.edits.length,
        comments: comments.edits.length,
        byLines: false,
      };
    // What an alias shows at the place of a secret is one where it was written too.
    secretAnchors = new Map([...secretAnchors, ...found]);
  }
}

function parsed(text: string): Node | null | undefined {
  try {
    const { contents, errors, warnings } = parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: false,
      logLevel: 'error',
      resolveKnownTags: false,
    });
    return errors.length + warnings.length === 0 ? contents : undefined;
  } catch {
    return undefined;
  }
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function edited(text: string, edits: readonly Edit[]): string {
  let [result, at] = ['', 0];
  for (const { from, to, text: instead } of edits.toSorted((a, b) => a.from - b.from)) {
    if (from < at) continue;
    result += text.slice(at, from) + instead;
    at = to;
  }
  return result + text.slice(at);
}

// ---- comments ----

/** Marks that the lexer puts between what is written: of a document, of a bracket that nothing closes, of a scalar. */
const [DOCUMENT_MARK, FLOW_END_MARK, SCALAR_MARK] = ['\u0002', '\u0018', '\u001f'];

function commentsOf(text: string): { readonly edits: Edit[]; readonly values: string[] } {
  const [edits, values]: [Edit[], string[]] = [[], []];
  let at = 0;
  let isText = false;
  for (const piece of new Lexer().lex(text)) {
    if (piece === DOCUMENT_MARK || piece === FLOW_END_MARK) continue;
    if (piece === SCALAR_MARK) {
      isText = true;
      continue;
    }
    // Directives are for parsers, and say nothing of a fabric.
    if (!isText && /^[#%]/.test(piece) && piece.length > 1) {
      edits.push({ from: at, to: at + piece.length, text: '#' });
      values.push(...hideTold(piece).values);
    }
    isText = false;
    at += piece.length;
  }
  return { edits, values };
}

// ---- values ----

/** How far what stands somewhere is to be trusted. */
type Mode =
  /** At a place that the schema has. */
  | 'known'
  /** Under a key that it has not. */
  | 'unknown'
  /** Under `chap`. */
  | 'chap'
  /** Where a source of a secret belongs. */
  | 'secret'
  | 'nothing';

class Blotter {
  readonly edits: Edit[] = [];
  readonly values: string[] = [];
  /** Anchors that are shown at places of secrets. */
  readonly aliased = new Map<string, Mode>();
  readonly #text: string;
  readonly #keeps: KeepsSource;
  readonly #secretAnchors: ReadonlyMap<string, Mode>;

  constructor(text: string, keeps: KeepsSource, secretAnchors: ReadonlyMap<string, Mode>) {
    this.#text = text;
    this.#keeps = keeps;
    this.#secretAnchors = secretAnchors;
  }

  visit(node: Node | null, cursor: Cursor, given: Mode, path: readonly (string | number)[]): void {
    if (node === null) return;
    if (isAlias(node)) {
      if (given !== 'known' && given !== 'unknown') this.aliased.set(node.source, stricter(this.aliased.get(node.source), given));
      return;
    }
    const anchored = node as { readonly anchor?: string };
    const mode = stricter(anchored.anchor === undefined ? undefined : this.#secretAnchors.get(anchored.anchor), given);
    if (isScalar(node)) return this.#scalar(node, mode);
    if (isSeq(node)) {
      const inner = itemOf(cursor);
      const item = mode === 'known' && inner.length === 0 ? 'unknown' : mode === 'chap' ? 'nothing' : mode;
      for (const [index, one] of node.items.entries()) this.visit(one as Node | null, inner, item, [...path, index]);
    } else if (isMap(node)) {
      for (const { key, value } of node.items) this.#pair(key as Node | null, value as Node | null, cursor, mode, path);
    }
  }

  #pair(key: Node | null, value: Node | null, cursor: Cursor, mode: Mode, path: readonly (string | number)[]): void {
    const name = isScalar(key) ? String(key.value) : '';
    const inner = [...path, name];
    if (!isScalar(key)) this.visit(key, NOWHERE, mode === 'known' ? 'unknown' : 'nothing', inner);
    if (mode === 'secret' && isScalar(value) && (name === 'env' || name === 'file')) {
      const source: SecretSource = name === 'env' ? { kind: name, name: String(value.value) } : { kind: name, path: String(value.value) };
      if (typeof value.value !== 'string' || !this.#keeps({ source, where: describePath(inner) })) this.#blot(value);
      return;
    }
    const next = stepInto(cursor, name);
    const modeOfValue = nextMode(mode, name, next);
    if (isScalar(key)) this.#key(key, name, mode, isEmpty(value));
    this.visit(value, modeOfValue === 'known' || modeOfValue === 'chap' ? next : NOWHERE, modeOfValue, inner);
  }

  /** `{ hunter2 }`: where there is no value, the key may be it. */
  #key(key: Scalar, name: string, mode: Mode, alone: boolean): void {
    if (mode === 'known' || mode === 'unknown') return alone && mode === 'unknown' ? this.#scalar(key, mode) : this.#partly(key);
    if (mode === 'chap' ? alone && !isHarmless(name) : !schemaWords().keys.has(name)) this.#blot(key);
  }

  #scalar(node: Scalar, mode: Mode): void {
    if (node.value === null && (node.source ?? '') === '') return;
    const written = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    if (mode === 'known' || (mode === 'unknown' && isHarmless(written))) this.#partly(node);
    else if (mode === 'nothing' || !isTypical(node.value)) this.#blot(node, mode !== 'unknown');
  }

  /** Only what its own words tell. */
  #partly(node: Scalar): void {
    const [from, to] = node.range!;
    const { text, values } = hideTold(this.#text.slice(from, to), BLOT);
    if (values.length === 0 && hideTold(String(node.value)).values.length === 0) return;
    // In quotes, escapes can stand between its words.
    if (values.length === 0) return this.#blot(node);
    this.values.push(...values);
    this.edits.push({ from, to, text });
  }

  /** `isTelling`: it is likely to be a secret, and looked for elsewhere. */
  #blot(node: Scalar, isTelling = true): void {
    const [from, to] = node.range!;
    const source = this.#text.slice(from, to);
    const value = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    const lines = [...source.split('\n'), ...value.split('\n')].map((line) => line.trim());
    this.values.push(...new Set([...(isTelling ? [value, ...lines] : []), ...hideTold(value).values]));
    this.edits.push({ from, to, text: blotted(source) });
  }
}

const RANKS: readonly Mode[] = ['known', 'unknown', 'chap', 'secret', 'nothing'];

const stricter = (one: Mode | undefined, other: Mode): Mode =>
  one !== undefined && RANKS.indexOf(one) > RANKS.indexOf(other) ? one : other;

function nextMode(mode: Mode, name: string, next: Cursor): Mode {
  if (mode === 'nothing' || mode === 'secret') return 'nothing';
  if (isSecretName(name)) return 'secret';
  if (name.toLowerCase() === 'chap' || (mode === 'chap' && name === 'mutual')) return 'chap';
  // A user's name is told; whatever else is written there, nobody can say.
  if (mode === 'chap') return name === 'user' ? 'known' : name === 'algorithms' || name === 'required' ? 'unknown' : 'nothing';
  return mode === 'known' && next.length > 0 ? 'known' : 'unknown';
}

/** `secret: false`, `secret:`: no secrets, and worth knowing for whoever looks at what `check` says. */
const isTypical = (value: unknown): boolean => typeof value === 'boolean' || value === null;

const isEmpty = (value: Node | null): boolean => value === null || (isScalar(value) && value.value === null);

/** As many lines as before, in the same style. */
function blotted(source: string): string {
  const lines = source.split('\n');
  const quote = /^["']/.exec(source)?.[0] ?? '';
  const isBlock = /^[|>]/.test(source);
  return lines
    .map((line, index) => {
      if (isBlock && index === 0) return /^[|>][-+0-9]*/.exec(line)![0];
      const inner = line.slice(index === 0 ? quote.length : 0, index === lines.length - 1 && quote !== '' ? -1 : undefined);
      const bare = inner.trim() === '' ? inner.replace(/\r/g, '') : `${/^[ \t]*/.exec(inner)![0]}${BLOT}`;
      return `${index === 0 ? quote : ''}${bare}${index === lines.length - 1 ? quote : ''}`;
    })
    .join('\n');
}
