/** `samewire up`: a fabric file, checked and brought up. */
import { checkText } from '../check/check-fabric.ts';
import { planArrays } from '../fabric/plan.ts';
import { bringUp, type BringUpOptions } from './bring-up.ts';
import { tally } from './check.ts';
import { type CommandContext, UserError } from './context.ts';
import { renderProblems } from './render-problems.ts';

export async function up(file: string, options: BringUpOptions, context: CommandContext): Promise<number> {
  const text = await context.readText(file);
  const name = file === '-' ? '<stdin>' : file;
  const { fabric, problems } = checkText(text, name);
  if (problems.length > 0) context.err(`${renderProblems(problems, text, context.errColors)}\n`);
  if (fabric === undefined) {
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    throw new UserError(`${name} has ${tally(errors, 0)}; nothing was brought up.`);
  }
  return bringUp(fabric.name, planArrays(fabric, file === '-' ? '' : file), options, context);
}
