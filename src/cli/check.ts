/** `samewire check`: everything that is wrong with a fabric file, or nothing. */
import { checkText } from '../check/check-fabric.ts';
import { READING_RULES } from '../check/reading-rules.ts';
import { sarifLog } from '../check/sarif.ts';
import type { Fabric } from '../fabric/model.ts';
import type { Problem } from '../fabric/problem.ts';
import { type CommandContext, UsageError, UserError } from './context.ts';
import { explain } from './explain.ts';
import { count } from './plain-text.ts';
import { renderProblems } from './render-problems.ts';
import { chooseRules } from './rule-story.ts';

export interface CheckOptions {
  readonly json?: boolean;
  readonly sarif?: boolean;
  readonly all?: boolean;
  /** Ids or names. */
  readonly rule?: readonly string[];
  readonly warningsAsErrors?: boolean;
  readonly explain?: string;
  readonly rules?: boolean;
}

/** Gives 1 where something is wrong, 0 where not; throws a UsageError where nothing could be checked. */
export async function check(files: readonly string[], options: CheckOptions, context: CommandContext, version = '0.0.0'): Promise<number> {
  if (options.explain !== undefined || options.rules === true) return explain(options.explain, options, context);
  if (options.json === true && options.sarif === true) throw new UsageError('Give one of --json and --sarif.');
  const only = chosen(options.rule);
  const isForPeople = options.json !== true && options.sarif !== true;
  const all: Problem[] = [];
  for (const file of files) {
    const text = await readOf(file, context);
    const name = file === '-' ? '<stdin>' : file;
    const { fabric, problems: found } = checkText(text, name);
    const problems = only === undefined ? found : found.filter(({ rule }) => only.has(rule) || isOfReading(rule));
    for (const problem of problems) all.push(problem);
    if (!isForPeople) continue;
    if (problems.length > 0) context.out(`${renderProblems(problems, text, context.outColors, options.all)}\n`);
    else
      context.out(`${context.outColors.green('ok')} ${name}: ${fabric === undefined ? 'other rules find something' : summarize(fabric)}\n`);
  }
  const errors = all.filter((problem) => problem.severity === 'error').length;
  const warnings = all.length - errors;
  const ok = errors === 0 && (options.warningsAsErrors !== true || warnings === 0);
  if (options.json === true) context.out(`${JSON.stringify({ ok, errors, warnings, problems: all })}\n`);
  else if (options.sarif === true) context.out(`${JSON.stringify(sarifLog(all, version))}\n`);
  else if (all.length > 0) {
    const hint = context.outColors.dim(`What a rule is about: samewire check --explain ${all[0]!.rule}`);
    context.out(`${tally(errors, warnings)} in ${count(files.length, 'file')}.\n${hint}\n`);
  }
  return ok ? 0 : 1;
}

/** Undefined: all rules. */
function chosen(written: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (written === undefined) return undefined;
  const { ids, unknown } = chooseRules(written);
  if (unknown.length > 0) throw new UsageError(`There is no rule ${unknown[0]!}. \`samewire check --rules\` lists them all.`);
  return ids;
}

/** What can't be read no rule looks at: that is told whichever rules are asked for. */
const isOfReading = (id: string): boolean => READING_RULES.some((rule) => rule.id === id);

async function readOf(file: string, context: CommandContext): Promise<string> {
  try {
    return await context.readText(file);
  } catch (error) {
    throw error instanceof UserError ? new UsageError(error.message, { cause: error }) : error;
  }
}

export const tally = (errors: number, warnings: number): string =>
  [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : ''].filter((part) => part !== '').join(', ');

/** What there is of each kind; of arrays also what they offer. */
export function summarize(fabric: Fabric): string {
  const targets = fabric.arrays.flatMap((array) => array.targets);
  const luns = targets.flatMap((target) => target.luns);
  const { arrays, hosts, switches, links } = fabric;
  const offered = arrays.length === 0 ? [] : [count(arrays.length, 'array'), count(targets.length, 'target'), count(luns.length, 'LUN')];
  const network = [
    hosts.length === 0 ? '' : count(hosts.length, 'host'),
    switches.length === 0 ? '' : count(switches.length, 'switch', 'switches'),
    links.length === 0 ? '' : count(links.length, 'link'),
  ];
  return [...offered, ...network].filter((part) => part !== '').join(', ') || 'nothing in it';
}
