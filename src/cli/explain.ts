/** `samewire explain`: what a rule means, with a fabric that breaks it and one that keeps it. */
import { RULES } from '../check/rules.ts';
import { type CommandContext, UserError } from './context.ts';

export function explain(id: string | undefined, context: CommandContext): number {
  const { bold, dim, green, red, yellow } = context.outColors;
  if (id === undefined) {
    for (const rule of RULES)
      context.out(`${bold(rule.id)} ${rule.severity === 'error' ? red('error  ') : yellow('warning')} ${rule.title}\n`);
    return 0;
  }
  const rule = RULES.find((candidate) => candidate.id === id.toUpperCase() || candidate.name === id.toLowerCase());
  if (rule === undefined) throw new UserError(`There is no rule ${id}. \`samewire explain\` lists them all.`);
  context.out(`${bold(rule.id)} ${rule.name} (${rule.severity})\n${bold(rule.title)}.\n\n${rule.meaning}\n${rule.remedy}\n`);
  context.out(`\n${red('Breaks it:')}\n\n${dim(indent(rule.examples.fail))}\n${green('Keeps it:')}\n\n${dim(indent(rule.examples.pass))}`);
  return 0;
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');
