/** `samewire support`: its name, options and help. What it does is in `support.ts`. */
import type { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { positiveNumber } from './iscsi/options.ts';
import type { Run } from './iscsi/program.ts';
import { support, SUPPORT_WHAT } from './support.ts';

export function addSupportCommand(program: Command, context: CommandContext, run: Run): void {
  program
    .command('support')
    .description('a report for whoever looks into a bug: one file, without secrets')
    .usage('[options] [file] <report.tgz>')
    .argument('[file report.tgz...]', SUPPORT_WHAT)
    .option('--capture <node:port>', 'listen in on this port meanwhile (may be given again)', collect)
    .option('--seconds <number>', 'how long captures take (default: 5)', positiveNumber)
    .option('--payload', 'captures with what hosts read and write, not only headers; logins are left out all the same')
    .option('--force', 'overwrite the report if there is one')
    .addHelpText(
      'after',
      `\nExamples:\n${EXAMPLES.map((line) => `  ${line}\n`).join('')}\nWhat is in a report, and what is not: docs/support.md.\n`,
    )
    .action(run((words: string[], options) => support(words, options, context)));
}

const EXAMPLES = [
  'samewire support report.tgz',
  'samewire support fabrics/rack.yaml report.tgz',
  'samewire support fabrics/rack.yaml report.tgz --capture tor1:1 --seconds 10',
];

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
