/** The command line: names, options, help. What the commands do is in the file of each. */
import { Command, Option } from 'commander';
import { check } from './check.ts';
import type { CommandContext } from './context.ts';
import { addEventCommands } from './event-program.ts';
import { explain } from './explain.ts';
import { init } from './init.ts';
import { addIsnsCommands } from './isns/program.ts';
import { addIscsiCommands } from './iscsi/program.ts';
import { addNetworkCommands } from './network/program.ts';
import { schema } from './schema.ts';
import { addSessionCommands } from './sessions.ts';
import { DEFAULT_TARGET, serve } from './serve.ts';
import { addSupportCommand } from './support-program.ts';
import { up } from './up.ts';
import { addVendorCommands } from './vendor/program.ts';
import { addWatchCommands } from './watch/program.ts';

const DEFAULT_FILE = 'fabric.yaml';

/** `finish` is told the exit code of the command that ran. */
export function buildProgram(context: CommandContext, version: string, finish: (code: number) => void): Command {
  const program = new Command('samewire')
    .description(
      'Network and storage on the same wire, in software: one fabric file that is checked, run and served as real block storage.',
    )
    .version(version)
    .configureOutput({ writeOut: (text) => context.out(text), writeErr: (text) => context.err(text) })
    .addHelpText(
      'after',
      examples(
        'samewire init                      # write a commented fabric.yaml',
        'samewire check                     # find every mistake in it',
        'samewire up                        # bring it up',
        'samewire serve --memory 1GiB       # a disk without a file',
        'samewire serve disk.img --thin     # an image as a disk',
        'samewire iscsi ls 192.0.2.1        # the disks of any target',
        'samewire inspect                   # what is up, at a glance',
        'samewire top                       # what it does, live',
        'samewire network show              # the network of what is up',
        'samewire render --node tor1 --as onyx',
        'samewire diff fabric.yaml tor1.txt # where a device differs',
        'samewire capture tor1:1 | wireshark -k -i -',
      ),
    );
  const run =
    <Arguments extends unknown[]>(action: (...given: Arguments) => number | Promise<number>) =>
    async (...given: Arguments): Promise<void> =>
      finish(await action(...given));

  program
    .command('check')
    .description('find every mistake in fabric files')
    .argument('[file...]', `fabric files, - for standard input (default: ${DEFAULT_FILE})`)
    .option('--json', 'for programs: one JSON object with all problems')
    .option('--sarif', 'for code scanning and editors: a SARIF 2.1.0 log')
    .option('--all', 'show each problem, however many are alike')
    .option('--rule <id>', 'only what this rule finds (may be given again)', collect)
    .option('--warnings-as-errors', 'fail on warnings too')
    .option('--explain <id>', 'what a rule means, with examples')
    .option('--rules', 'list every rule')
    .addHelpText(
      'after',
      `${examples(
        'samewire check',
        'samewire check fabrics/*.yaml',
        'samewire check --explain SW-1057',
        'samewire check --rule SW-1057 --all fabric.yaml',
        'samewire check --json - < fabric.yaml',
        'samewire check --sarif fabric.yaml > fabric.sarif',
      )}\nExit code: 0 nothing wrong, 1 errors (or warnings, if they count), 2 the command line or a file can't be read.\n`,
    )
    .exitOverride(({ exitCode }) => context.exitNow(exitCode === 0 ? 0 : 2))
    .action(run((files: string[], options) => check(files.length === 0 ? [DEFAULT_FILE] : files, options, context, version)));

  program
    .command('explain')
    .description('what a rule means (without a rule: all of them)')
    .argument('[rule]', 'such as SW-1004')
    .option('--json', 'for programs: the rule as JSON, or a list of all')
    .action(run((rule: string | undefined, options) => explain(rule, options, context)));

  program
    .command('init')
    .description('write a commented fabric file to start from')
    .argument('[file]', 'where to', DEFAULT_FILE)
    .option('--force', 'overwrite the file if there is one')
    .action(run((file: string, options) => init(file, options, context)));

  program
    .command('schema')
    .description('print the JSON Schema of fabric files, for editors')
    .option('--out <file>', 'write it to a file')
    .action(run((options) => schema(options, context)));

  program
    .command('up')
    .description('check a fabric and bring it up')
    .argument('[file]', 'fabric file, - for standard input', DEFAULT_FILE)
    .option('--page <address>', 'where the page listens, port 0 picks a free one (default: 127.0.0.1:8326)')
    .option('--no-page', 'without a page')
    .option('--json', 'for programs: the ready line and every event as JSON')
    .option('--log <file>', 'append every event to a file as JSON lines')
    .addHelpText(
      'after',
      `${examples(
        'samewire up fabrics/first.yaml',
        'samewire up --json | jq -r .event',
        'samewire up --log events.log',
        'SAMEWIRE_PAGE_TOKEN=... samewire up --page 0.0.0.0:8326',
      )}\nThe address of the page is printed with a token that lets it act. Where other\nmachines reach it, it takes one of yours, which is not printed: SAMEWIRE_PAGE_TOKEN,\n16 characters or more. The page asks for it, or takes it behind its address: #token=...\n`,
    )
    .action(run((file: string, options) => up(file, options, context)));

  program
    .command('serve')
    .description('serve images or memory as disks, without a fabric file')
    .argument('[image...]', 'files to serve as LUN 0, 1, ...')
    .option('--memory <size>', 'a LUN of this size in memory, such as 1GiB (may be given again)', collect)
    .option('--portal <address>', 'where to listen (may be given again; default: 127.0.0.1:3260, port 0 picks a free one)', collect)
    .option('--target <name>', 'name of the target', DEFAULT_TARGET)
    .addOption(new Option('--block-size <bytes>', 'bytes of a logical block').choices(['512', '4096']).default('512'))
    .option('--read-only', 'refuse writes')
    .option('--thin', 'take space when it is written, give it back when it is unmapped')
    .option('--allow <initiator>', 'an initiator that may log in, or any (may be given again)', collect)
    .option('--chap-user <name>', 'initiators log in with CHAP under this name')
    .option('--chap-secret-env <variable>', 'environment variable that holds the CHAP secret')
    .option('--state <directory>', 'keep persistent reservations over restarts')
    .option('--page <address>', 'a page on what is served, such as 127.0.0.1:8326 (default: none)')
    .option('--json', 'for programs: the ready line and every event as JSON')
    .option('--log <file>', 'append every event to a file as JSON lines')
    .addHelpText(
      'after',
      examples(
        'samewire serve disk.img',
        'samewire serve --memory 64MiB --portal 127.0.0.1:0 --json',
        'DISK_SECRET=... samewire serve disk.img --chap-user disk --chap-secret-env DISK_SECRET',
      ),
    )
    .action(run((images: string[], options) => serve(images, options, context)));

  addSupportCommand(program, context, run);

  addEventCommands(program, context, run);

  addVendorCommands(program, context, run);

  addIscsiCommands(program, context, run);

  addNetworkCommands(program, context, run);

  addSessionCommands(program, context, run);

  addWatchCommands(program, context, run);

  addIsnsCommands(program, context, finish);

  group(program);
  return program;
}

/** Of the overview, in this order. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'A fabric file:': ['init', 'check', 'explain', 'schema', 'render', 'import', 'diff'],
  'Bring it up:': ['up', 'serve'],
  'Watch what is up:': ['inspect', 'top', 'stats', 'events', 'sessions', 'support'],
  'Its network:': ['network', 'capture'],
  'Any storage, ours or not:': ['iscsi', 'isns'],
};

function group(program: Command): void {
  const rankOf = new Map(
    Object.values(GROUPS)
      .flatMap((names) => names)
      .map((name, rank) => [name, rank]),
  );
  for (const [title, names] of Object.entries(GROUPS))
    for (const command of program.commands) if (names.includes(command.name())) command.helpGroup(title);
  const rank = (command: Command): number => rankOf.get(command.name()) ?? rankOf.size;
  (program.commands as Command[]).sort((one, other) => rank(one) - rank(other));
  program.helpCommand('help [command]', 'this, or the help of a command').helpCommand(true);
  // What each takes is in its own help: here it would only push the descriptions away.
  program.configureHelp({ subcommandTerm: (command) => command.name() });
}

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
