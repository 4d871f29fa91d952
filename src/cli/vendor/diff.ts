/** `samewire diff`: where devices differ from what the fabric file says of them. */
import { loadFabric } from '../../fabric/load.ts';
import type { Positions } from '../../fabric/positions.ts';
import { declaredNode, declaredNodes } from '../../vendor/core/declared.ts';
import type { Difference } from '../../vendor/core/diff.ts';
import type { Setting } from '../../vendor/core/setting.ts';
import { valueText } from '../../vendor/core/setting.ts';
import { compare } from '../../vendor/import/compare.ts';
import type { Source } from '../../vendor/import/gather.ts';
import { type CommandContext, UsageError } from '../context.ts';
import { count, plainLine } from '../plain-text.ts';
import { renderProblems } from '../render-problems.ts';
import { gatherFiles, type InputOptions, readOf } from './inputs.ts';
import { mistakeText, placeOf, placeText, unknownText } from './words.ts';

export interface DiffOptions extends InputOptions {
  readonly json?: boolean;
}

interface NodeDifferences {
  readonly node: string;
  readonly sources: readonly { readonly source: Source; readonly found: readonly Difference[] }[];
}

/** Gives 0 without a difference, 1 with; a UsageError where something could not be compared. */
export async function diff(file: string, outputs: readonly string[], options: DiffOptions, context: CommandContext): Promise<number> {
  if (file === '-' && outputs.includes('-')) throw new UsageError('Standard input can be the fabric file or an output, not both.');
  const text = await readOf(file, context);
  const { fabric, problems, positions } = loadFabric(text, file === '-' ? '<stdin>' : file);
  if (fabric === undefined) {
    context.err(`${renderProblems(problems, text, context.errColors)}\n`);
    return 2;
  }
  const gathered = await gatherFiles(outputs, options, context);
  const mistakes = gathered.mistakes.map(mistakeText);
  const nodes: NodeDifferences[] = [];
  for (const { name, sources } of gathered.nodes) {
    const declared = declaredNode(fabric, name);
    if (declared === undefined) {
      const known = declaredNodes(fabric).map((one) => one.name);
      const [{ file: first }] = sources as [Source];
      mistakes.push(
        `${first}: there is no node \`${name}\` in ${file}: say which it is with --node NAME=${first} (there are ${known.slice(0, 20).join(', ')})`,
      );
      continue;
    }
    nodes.push({ node: name, sources: sources.map((source) => ({ source, found: compare(declared, source) })) });
  }
  const total = nodes.flatMap(({ sources }) => sources.flatMap(({ found }) => found)).length;
  if (options.json === true)
    context.out(
      `${JSON.stringify({ same: total === 0 && mistakes.length === 0, mistakes, nodes: nodes.map((one) => jsonOf(one, positions)) })}\n`,
    );
  else {
    for (const one of nodes) context.out(nodeText(one, positions, context));
    context.out(unknownText(gathered, context.outColors));
    for (const mistake of mistakes) context.err(`${context.errColors.red('not compared:')} ${mistake}\n`);
    if (nodes.length > 0)
      context.out(
        total === 0 ? `${context.outColors.green('no difference')}\n` : `${count(total, 'difference')} in ${count(nodes.length, 'node')}\n`,
      );
  }
  return mistakes.length > 0 ? 2 : total === 0 ? 0 : 1;
}

function nodeText({ node, sources }: NodeDifferences, positions: Positions, context: CommandContext): string {
  const { bold, dim } = context.outColors;
  return sources
    .map(({ source, found }) => {
      const head = `${bold(node)} ${dim(`${plainLine(source.file)}: ${source.output.name} of ${source.dialect.name}`)}\n`;
      return found.length === 0 ? `${head}  the same\n` : head + found.map((one) => differenceText(one, positions, context)).join('');
    })
    .join('');
}

const said = (setting: Setting, paint: (text: string) => string): string => paint(plainLine(valueText(setting.value)));

function differenceText(one: Difference, positions: Positions, context: CommandContext): string {
  const { green, red, dim } = context.outColors;
  const side = (word: string, value: string, setting: Setting | undefined): string =>
    `    ${word.padEnd(9)} ${value}${setting === undefined ? '' : `  ${dim(placeText(placeOf(setting.from, positions)))}`}\n`;
  const declared =
    one.kind === 'undeclared' ? side('declared', dim('nothing'), undefined) : side('declared', said(one.declared, green), one.declared);
  const found =
    one.kind === 'missing'
      ? side('device', red(one.holds === undefined ? 'nothing' : `${plainLine(valueText(one.holds))} (by default)`), undefined)
      : side('device', said(one.found, red), one.found);
  return `  ${plainLine(one.key)}\n${declared}${found}`;
}

const jsonOf = ({ node, sources }: NodeDifferences, positions: Positions): unknown => ({
  node,
  sources: sources.map(({ source: { file, dialect, output, reading }, found }) => ({
    file,
    dialect: dialect.name,
    output: output.name,
    unknown: reading.unknown,
    differences: found.map((one) => ({
      kind: one.kind,
      key: one.key,
      ...(one.kind === 'undeclared' ? {} : { declared: { value: one.declared.value, ...placeOf(one.declared.from, positions) } }),
      ...(one.kind === 'missing'
        ? { holds: one.holds ?? null }
        : { found: { value: one.found.value, ...placeOf(one.found.from, positions) } }),
    })),
  })),
});
