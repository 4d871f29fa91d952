/** What commands over outputs of devices are given: files, whose they are, and which dialects they may be of. */
import { DIALECTS, dialectOf } from '../../vendor/dialects.ts';
import { type Gathered, gather, type Given, nodeName } from '../../vendor/import/gather.ts';
import type { Dialect } from '../../vendor/core/dialect.ts';
import { type CommandContext, UsageError, UserError } from '../context.ts';

export interface InputOptions {
  /** `NAME` for all files, or `NAME=FILE`. */
  readonly node?: readonly string[];
  readonly as?: string;
  readonly port?: string;
}

const FILES_MAX = 1000;

export async function gatherFiles(files: readonly string[], options: InputOptions, context: CommandContext): Promise<Gathered> {
  if (files.length > FILES_MAX) throw new UsageError(`These are more than ${FILES_MAX} files.`);
  const dialects = options.as === undefined ? DIALECTS : [chosenDialect(options.as)];
  const named = nodesByFile(files, options.node ?? []);
  const given: Given[] = [];
  for (const file of files) {
    const name = file === '-' ? '<stdin>' : file;
    given.push({ file: name, text: await readOf(file, context), node: named(file), port: options.port });
  }
  return gather(given, dialects);
}

export function chosenDialect(name: string): Dialect {
  const dialect = dialectOf(name);
  if (dialect === undefined)
    throw new UsageError(`There is no dialect \`${name}\`: there are ${DIALECTS.map((one) => one.name).join(', ')}.`);
  return dialect;
}

function nodesByFile(files: readonly string[], written: readonly string[]): (file: string) => string | undefined {
  const byFile = new Map<string, string>();
  let all: string | undefined;
  for (const one of written) {
    const at = one.indexOf('=');
    const name = at < 0 ? one : one.slice(0, at);
    if (nodeName(name) !== name) throw new UsageError(`\`${name}\` is no name of a node: it has letters, digits, \`-\` and \`_\`.`);
    if (at < 0) {
      if (all !== undefined) throw new UsageError('Give --node NAME once, or --node NAME=FILE for each file.');
      all = name;
      continue;
    }
    const file = one.slice(at + 1);
    if (!files.includes(file)) throw new UsageError(`--node ${one}: ${file} is none of the files given.`);
    byFile.set(file, name);
  }
  return (file) => byFile.get(file) ?? all;
}

export async function readOf(file: string, context: CommandContext): Promise<string> {
  try {
    return await context.readText(file);
  } catch (error) {
    throw error instanceof UserError ? new UsageError(error.message, { cause: error }) : error;
  }
}
