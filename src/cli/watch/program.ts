/** `samewire inspect`, `stats` and `top`: names, options, help. What they do is in the file of each. */
import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../fabric/duration.ts';
import { isMistake } from '../../fabric/parsed.ts';
import type { CommandContext } from '../context.ts';
import { wholeNumber } from '../iscsi/options.ts';
import type { Run } from '../iscsi/program.ts';
import { HELP } from './top-interface.ts';

const FILE = 'the fabric file (may be left out where one fabric is up)';
const SECONDS_MAX = 3600;
const LINES_MAX = 1e9;

export function addWatchCommands(program: Command, context: CommandContext, run: Run): void {
  program
    .command('inspect')
    .description('a fabric that is up at a glance; of one node everything')
    .argument('[file]', FILE)
    .argument('[node]', 'a host, an array or a switch')
    .option('--all', 'every session and all that is wrong, however much it is')
    .option('--json', 'for programs: one JSON object')
    .addHelpText(
      'after',
      examples(
        'samewire inspect',
        'samewire inspect esx1',
        'samewire inspect fabrics/rack.yaml tor1',
        'samewire inspect --json | jq .state.totals',
      ),
    )
    .action(
      run(async (file: string | undefined, node: string | undefined, options) =>
        (await import('./inspect.ts')).inspect(file, node, options, context),
      ),
    );

  program
    .command('stats')
    .description('what a fabric that is up does, a line a second')
    .argument('[file]', FILE)
    .option('-e, --every <time>', 'time of an interval, such as 1s or 1m', intervalSeconds, 1)
    .option('-c, --count <number>', 'end after so many intervals (default: at Ctrl-C)', wholeNumber(1, LINES_MAX))
    .option('--luns', 'by LUN, the busiest first')
    .option('--links', 'by link, the busiest first')
    .option('-t, --top <number>', 'of LUNs or links the busiest so many', wholeNumber(1, LINES_MAX), 10)
    .option('--json', 'for programs: JSON lines')
    .option('--csv', 'for spreadsheets: CSV with a header')
    .addHelpText(
      'after',
      `${examples(
        'samewire stats',
        'samewire stats fabrics/rack.yaml --every 5s --count 12',
        'samewire stats --luns --top 3',
        'samewire stats --links',
        'samewire stats --csv --every 1m > day.csv',
        'samewire stats --json | jq .totals.readsPerSecond',
      )}
Columns: reads and writes a second and their MB/s; mean and 99th percentile of
their times at the LUNs; Gb/s over all links, both ways; frames dropped, TCP
segments sent again; iSCSI sessions. Of a link, Gb/s and load of its first end,
then those of the other; bytes that wait in the fuller queue.
Exit code: 0 at --count or Ctrl-C, 1 when the fabric goes.
`,
    )
    .action(run(async (file: string | undefined, options) => (await import('./stats.ts')).stats(file, options, context)));

  program
    .command('top')
    .description('a fabric that is up, live on the whole terminal: links, LUNs, sessions, trouble')
    .argument('[file]', FILE)
    .addHelpText(
      'after',
      `${examples('samewire top', 'samewire top fabrics/rack.yaml')}
Keys:
${HELP.map(([keys, what]) => `  ${keys}: ${what}\n`).join('')}Exit code: 0 when somebody quits, 1 when the fabric goes.
`,
    )
    .action(run(async (file: string | undefined) => (await import('./top.ts')).top(file, context)));
}

/** Samples are taken once a second, so an interval has whole ones. */
function intervalSeconds(text: string): number {
  // As iostat takes it.
  const parsed = parseDuration(/^\d+$/.test(text) ? `${text}s` : text);
  if (isMistake(parsed)) throw new InvalidArgumentError(`${parsed.wrong} ${parsed.remedy}`);
  const seconds = parsed.value / 1e9;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= SECONDS_MAX) return seconds;
  throw new InvalidArgumentError(`It has to be whole seconds, from 1s to ${SECONDS_MAX / 3600}h.`);
}

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
