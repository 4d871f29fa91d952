/** `samewire events`: names, options, help. What it does is in events.ts. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../fabric/duration.ts';
import { isMistake } from '../fabric/parsed.ts';
import { SEVERITIES } from '../server/event-log.ts';
import type { CommandContext } from './context.ts';
import { events, sinceWhen } from './events.ts';
import { wholeNumber } from './iscsi/options.ts';
import type { Run } from './iscsi/program.ts';

const LINES_MAX = 1e6;
const TEXT_MAX = 200;

export function addEventCommands(program: Command, context: CommandContext, run: Run): void {
  program
    .command('events')
    .description('what happened in a fabric that is up, or in the log of one')
    .argument('[file]', 'the fabric file (may be left out where one fabric is up)')
    .option('-n, --lines <number>', 'the latest so many (default: 20; with --since, all)', wholeNumber(0, LINES_MAX))
    .option('--all', 'all that are kept: the latest 10,000, and of those before the latest 1,000 warnings and errors')
    .option('-f, --follow', 'go on with what happens, until Ctrl-C')
    .addOption(new Option('--severity <least>', 'at least so severe (default: info; with --kind, all of them)').choices(SEVERITIES))
    .option('--source <text>', 'of what has this in its path, such as esx1 or tor1:9', text)
    .option('--kind <kind>', 'of this kind, by number or name (may be given again)', collect)
    .option('--grep <text>', 'whose message has this, in any case', text)
    .option('--since <time>', 'since so long ago (5m), or since a time (22:15, 2026-01-15T22:15)', since)
    .option('--json', 'for programs: JSON lines, as in a log')
    .option('--log <file>', 'of the log that `samewire up --log` wrote')
    .option('--kinds', 'list every kind of event')
    .option('--explain <kind>', 'what a kind of event means, and what to do')
    .addHelpText(
      'after',
      `${examples(
        'samewire events',
        'samewire events fabrics/rack.yaml -f',
        'samewire events --severity warning --all',
        'samewire events --kind link-down --kind link-up --since 1h',
        'samewire events -f --severity debug --source esx1   # trace a component',
        'samewire events --log events.log --since 22:15 --json | jq .data',
        'samewire events --explain 1311',
      )}\nExit code: 0; with --follow 1 when the fabric goes.\n`,
    )
    .action(run((file: string | undefined, options) => events(file, options, context)));
}

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

function text(written: string): string {
  if (written.length > TEXT_MAX) throw new InvalidArgumentError(`It may have ${TEXT_MAX} characters.`);
  return written;
}

const since = (written: string): ((nowMilliseconds: number) => number) => {
  try {
    return sinceWhen(written, (duration) => {
      const parsed = parseDuration(duration);
      return isMistake(parsed) ? undefined : parsed.value;
    });
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};
