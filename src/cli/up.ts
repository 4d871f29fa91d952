/** `samewire up`: a fabric file, checked and brought up. */
import { checkText } from '../check/check-fabric.ts';
import { type HostPlan, planHosts } from '../fabric/host-plan.ts';
import { planNetwork } from '../fabric/network/plan.ts';
import { onlyChecked } from '../fabric/only-checked.ts';
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
  if (fabric === undefined) throw new UserError(`${name} has ${errorsIn(problems)}; nothing was brought up.`);
  const idle = onlyChecked(fabric);
  if (idle.length > 0) context.err(`${context.errColors.yellow('note')} Only checked, and not run yet: ${idle.join(', ')}.\n`);
  const place = file === '-' ? '' : file;
  const plans = {
    arrays: planArrays(fabric, place),
    hosts: planHosts(fabric, place),
    network: planNetwork(fabric, place),
    file: file === '-' ? undefined : file,
    text,
    problems,
    onlyChecked: idle,
    reread: () => rereadHosts(file, context),
  };
  return bringUp(fabric.name, plans, options, context);
}

async function rereadHosts(file: string, context: CommandContext): Promise<readonly HostPlan[]> {
  const { fabric, problems } = checkText(await context.readText(file), file);
  if (fabric === undefined)
    throw new UserError(`${file} has ${errorsIn(problems)} now, which \`samewire check\` tells; nothing was changed.`);
  return planHosts(fabric, file);
}

const errorsIn = (problems: readonly { readonly severity: string }[]): string =>
  tally(problems.filter((problem) => problem.severity === 'error').length, 0);
