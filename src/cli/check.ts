/** `samewire check`: everything that is wrong with a fabric file, or nothing. */
import { checkText } from '../check/check-fabric.ts';
import type { Fabric } from '../fabric/model.ts';
import type { Problem } from '../fabric/problem.ts';
import type { CommandContext } from './context.ts';
import { count } from './plain-text.ts';
import { renderProblems } from './render-problems.ts';

export interface CheckOptions {
  readonly json?: boolean;
}

/** More than this at once helps nobody. */
const SHOWN_MAX = 50;

export async function check(files: readonly string[], options: CheckOptions, context: CommandContext): Promise<number> {
  const all: Problem[] = [];
  for (const file of files) {
    const text = await context.readText(file);
    const name = file === '-' ? '<stdin>' : file;
    const { fabric, problems } = checkText(text, name);
    all.push(...problems);
    if (options.json === true) continue;
    if (problems.length > 0) context.out(`${renderProblems(problems.slice(0, SHOWN_MAX), text, context.outColors)}\n`);
    if (problems.length > SHOWN_MAX) context.out(`... and ${count(problems.length - SHOWN_MAX, 'problem')} more.\n\n`);
    if (problems.length === 0) context.out(`${context.outColors.green('ok')} ${name}: ${summarize(fabric!)}\n`);
  }
  const errors = all.filter((problem) => problem.severity === 'error').length;
  const warnings = all.length - errors;
  if (options.json === true) context.out(`${JSON.stringify({ ok: errors === 0, errors, warnings, problems: all })}\n`);
  else if (all.length > 0) context.out(`${tally(errors, warnings)} in ${count(files.length, 'file')}.\n`);
  return errors === 0 ? 0 : 1;
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
