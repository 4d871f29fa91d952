/** The gate of every dialect: what it makes of a node, read back, is the node. */
import { differences, type Difference } from '../core/diff.ts';
import type { DeclaredNode, Dialect, OutputKind, Reading } from '../core/dialect.ts';
import { keyText, valueText } from '../core/setting.ts';
import type { Generated } from './generated.ts';

export interface TripChoice {
  /** What is read: the commands, by default, else what this makes of the rendering (a file of it, another output of the device). */
  readonly text?: (node: DeclaredNode) => string;
  readonly port?: string;
  /** What this output is about, where it is only a part of what the dialect says. */
  readonly only?: (key: readonly string[]) => boolean;
}

/** What is wrong, as one text that also says how to see it again; undefined: nothing. */
export function roundTrip(dialect: Dialect, output: OutputKind, made: Generated, choice: TripChoice = {}): string | undefined {
  const { node } = made;
  const rendering = dialect.emit(node);
  const text = choice.text?.(node) ?? rendering.commands.map((command) => command.text).join('\n');
  // Nothing repeats a secret: whose it is says the user beside it.
  const isAbout = (key: readonly string[]): boolean => dialect.says(key) && key.at(-1) !== 'secret' && choice.only?.(key) !== false;
  const refused = new Set(rendering.unsaid.map(({ setting }) => keyText(setting.key)));
  const said = { ...node, settings: node.settings.filter(({ key }) => isAbout(key) && !refused.has(keyText(key))) };
  const reading = output.read(text, { file: 'emitted', port: choice.port });
  const complaints = [
    ...reading.errors.map(({ line, message }) => `error in line ${line}: ${message}`),
    ...reading.unknown.map(({ line, text: unknown }) => `line ${line} is unknown: ${unknown}`),
    ...differences(said, { ...reading, settings: reading.settings.filter(({ key }) => isAbout(key)) }).map(describe),
    ...lost(said, reading),
  ];
  if (complaints.length === 0) return undefined;
  return `${dialect.name}: ${made.replay}\n${complaints.join('\n')}\n--- declared\n${made.yaml()}\n--- text\n${numbered(text)}`;
}

/** The other way: what was said and not read back has to be what holds without it; `covers` must not be the excuse. */
function lost(said: DeclaredNode, reading: Reading): string[] {
  const read = new Set(reading.settings.map(({ key }) => keyText(key)));
  return said.settings
    .filter(({ key, quiet }) => quiet !== true && !read.has(keyText(key)) && !reading.covers(key))
    .map(({ key, value }) => `said, but neither read nor covered: ${keyText(key)} = ${valueText(value)}`);
}

function describe(one: Difference): string {
  if (one.kind === 'undeclared') return `${place(one.found)}: ${one.key} = ${valueText(one.found.value)}, which nobody declared`;
  const declared = `${one.key} = ${valueText(one.declared.value)}`;
  if (one.kind === 'missing') return `missing: ${declared}${one.holds === undefined ? '' : `; ${valueText(one.holds)} holds`}`;
  return `${place(one.found)}: ${declared} was read as ${valueText(one.found.value)}`;
}

const place = ({ from }: Extract<Difference, { kind: 'undeclared' }>['found']): string =>
  from.kind === 'output' ? `line ${from.line}` : 'declared';

const numbered = (text: string): string =>
  text
    .split('\n')
    .map((line, index) => `${`${index + 1}`.padStart(4)}  ${line}`)
    .join('\n');
