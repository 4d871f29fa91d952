/** Outputs that somebody saved, read and put together by the node that they are of. */
import type { Dialect, NodeKind, OutputKind, Reading } from '../core/dialect.ts';
import { withoutTerminal } from '../core/terminal-text.ts';
import { wantedOf } from './declare.ts';
import { keyText, sameSetting, type Setting } from '../core/setting.ts';
import { recognise } from '../recognise.ts';

export interface Given {
  readonly file: string;
  readonly text: string;
  /** Said by whoever knows; undefined: as the output or the file is called. */
  readonly node: string | undefined;
  readonly port: string | undefined;
}

/** An output that was read. */
export interface Source {
  readonly file: string;
  readonly dialect: Dialect;
  readonly output: OutputKind;
  readonly reading: Reading;
}

export interface GatheredNode {
  readonly name: string;
  readonly kind: NodeKind;
  readonly sources: readonly Source[];
  /** Of settings that several outputs tell, the first. */
  readonly settings: readonly Setting[];
  /** Of these, what a fabric file does not say: devices have it by themselves. */
  readonly leftOut: readonly Setting[];
  readonly conflicts: readonly Conflict[];
}

export interface Conflict {
  readonly key: string;
  readonly kept: Setting;
  readonly other: Setting;
}

export interface Mistake {
  readonly file: string;
  /** Undefined: the whole file. */
  readonly line: number | undefined;
  readonly message: string;
}

export interface Gathered {
  readonly nodes: readonly GatheredNode[];
  readonly mistakes: readonly Mistake[];
}

const MISTAKES_MAX = 20;

export function gather(given: readonly Given[], dialects: readonly Dialect[]): Gathered {
  const nodes = new Map<string, Source[]>();
  const mistakes: Mistake[] = [];
  for (const one of given) {
    const text = withoutTerminal(one.text);
    const known = recognise(text, dialects);
    if (typeof known === 'string') {
      mistakes.push({ file: one.file, line: undefined, message: `${known}.` });
      continue;
    }
    const reading = known.output.read(text, { file: one.file, port: one.port });
    for (const { line, message } of reading.errors.slice(0, MISTAKES_MAX)) mistakes.push({ file: one.file, line, message });
    if (reading.errors.length > 0) continue;
    const name = one.node ?? nodeName(reading.node ?? stemOf(one.file));
    const before = nodes.get(name);
    if (before === undefined) nodes.set(name, [{ ...known, file: one.file, reading }]);
    else if (isMachine(before[0]!) === isMachine({ reading })) before.push({ ...known, file: one.file, reading });
    else
      mistakes.push({
        file: one.file,
        line: undefined,
        message: `this is of ${article(reading.kind)}, and ${before[0]!.file} says that \`${name}\` is ${article(before[0]!.reading.kind)}.`,
      });
  }
  return { nodes: [...nodes].map(([name, sources]) => together(name, sources)), mistakes };
}

/** An array is a machine as hosts are: what its system prints is told apart by nothing. */
const isMachine = ({ reading }: Pick<Source, 'reading'>): boolean => reading.kind !== 'switch';

const article = (kind: NodeKind): string => (kind === 'array' ? 'an array' : `a ${kind}`);

/** Names of nodes have letters, digits, `-` and `_`. */
export const nodeName = (written: string): string =>
  written
    .replace(/\..*$/, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64) || 'node';

/** `dumps/tor1.txt`: `tor1`. Standard input has no name. */
const stemOf = (file: string): string => (file === '<stdin>' ? 'node' : (/([^/\\]+?)(?:\.[^./\\]*)?$/.exec(file)?.[1] ?? file));

/** A port of a fabric file is in VLAN 1 unless it says otherwise; some products have ports in no VLAN where nothing is said. */
function outsideOfVlans({ settings, covers, defaultOf }: Reading, kept: ReadonlyMap<string, Setting>): readonly Setting[] {
  const members = new Set(
    settings.filter(({ key }) => key[0] === 'aggregations' && key[2] === 'ports').flatMap(({ value }) => value as string[]),
  );
  const found = new Map<string, Setting>();
  for (const { key, from } of settings) {
    const untagged = [...key.slice(0, 2), 'untagged'];
    const text = keyText(untagged);
    if (key[0] !== 'ports' || kept.has(text) || found.has(text) || members.has(key[1]!)) continue;
    if (covers(untagged) && defaultOf(untagged) === 'none') found.set(text, { key: untagged, value: 'none', from });
  }
  return [...found.values()];
}

function together(name: string, sources: readonly Source[]): GatheredNode {
  const kept = new Map<string, Setting>();
  const conflicts: Conflict[] = [];
  for (const { reading } of sources) {
    // Of a setting that one output tells twice the last one holds.
    for (const setting of new Map(reading.settings.map((one) => [keyText(one.key), one])).values()) {
      const key = keyText(setting.key);
      const before = kept.get(key);
      if (before === undefined || (before.quiet === true && setting.quiet !== true)) kept.set(key, setting);
      else if (setting.quiet !== true && !sameSetting(setting.key, before.value, setting.value))
        conflicts.push({ key, kept: before, other: setting });
    }
  }
  const kind = sources.find(({ reading }) => reading.kind === 'array')?.reading.kind ?? sources[0]!.reading.kind;
  for (const { reading } of sources) for (const one of outsideOfVlans(reading, kept)) kept.set(keyText(one.key), one);
  const settings = [...kept.values()];
  return { name, kind, sources, settings, leftOut: wantedOf(settings).leftOut, conflicts };
}
