/** `samewire import`: a fabric file of what devices print. */
import { checkText } from '../../check/check-fabric.ts';
import { fabricText } from '../../vendor/import/fabric-text.ts';
import { type CommandContext, UsageError } from '../context.ts';
import { count } from '../plain-text.ts';
import { gatherFiles, type InputOptions } from './inputs.ts';
import { conflictText, mistakeText, placeOf, unknownText } from './words.ts';

export interface ImportOptions extends InputOptions {
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly name?: string;
}

/** Gives 1 where a file could not be read; what could be is imported all the same. */
export async function importOutputs(files: readonly string[], options: ImportOptions, context: CommandContext): Promise<number> {
  const gathered = await gatherFiles(files, options, context);
  if (gathered.nodes.length === 0) throw new UsageError(gathered.mistakes.map(mistakeText).join('\n'));
  const text = fabricText(gathered, options.name ?? 'imported');
  if (options.out !== undefined) await context.writeText(options.out, text, options.force === true);
  const { problems } = checkText(text, options.out ?? '<imported>');
  if (options.json === true) {
    const nodes = gathered.nodes.map(({ name, kind, sources, settings, leftOut, conflicts }) => ({
      name,
      kind,
      sources: sources.map(({ file, dialect, output, reading }) => ({
        file,
        dialect: dialect.name,
        output: output.name,
        unknown: reading.unknown,
      })),
      settings: settings.length,
      leftOut: leftOut.map(({ key, value, from }) => ({ key, value, ...placeOf(from, undefined) })),
      conflicts,
    }));
    context.out(`${JSON.stringify({ fabric: text, nodes, mistakes: gathered.mistakes, problems })}\n`);
    return gathered.mistakes.length === 0 ? 0 : 1;
  }
  if (options.out === undefined) context.out(text);
  const { red, dim } = context.errColors;
  context.err(gathered.nodes.map((node) => conflictText(node, context.errColors)).join(''));
  context.err(unknownText(gathered, context.errColors));
  const leftOut = gathered.nodes.flatMap((node) => node.leftOut);
  if (leftOut.length > 0)
    context.err(dim(`${count(leftOut.length, 'setting')} left out that devices have by themselves (--json lists them)\n`));
  for (const mistake of gathered.mistakes) context.err(`${red('not imported:')} ${mistakeText(mistake)}\n`);
  if (options.out !== undefined) context.err(`wrote ${options.out}: ${count(gathered.nodes.length, 'node')}\n`);
  if (problems.length > 0)
    context.err(
      dim(
        `${count(problems.length, 'problem')} in it: ${options.out === undefined ? 'write it to a file with --out, and ask `samewire check`' : `samewire check ${options.out}`}\n`,
      ),
    );
  return gathered.mistakes.length === 0 ? 0 : 1;
}
