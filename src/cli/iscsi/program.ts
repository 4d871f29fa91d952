/** The commands of `samewire iscsi`: names, options, help. What they do is in the file of each. */
import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import { bench } from './bench.ts';
import { cp } from './cp.ts';
import { discover } from './discover.ts';
import { addHostCommands } from './host-commands.ts';
import { inq } from './inq.ts';
import { ls } from './ls.ts';
import { addConnectionOptions, numberFromZero, positiveNumber, sizeArgument, wholeNumber } from './options.ts';
import { ping } from './ping.ts';

/** Turns what a command gives back, an exit code, into what the program needs. */
export type Run = <Arguments extends unknown[]>(
  action: (...given: Arguments) => number | Promise<number>,
) => (...given: Arguments) => Promise<void>;

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
const PORTAL = 'host[:port], or an iscsi:// URL';
const UNIT = 'iscsi://[user@]host[:port]/target/lun';
const DEPTH_MAX = 4096;
const PING_BYTES_MAX = 16 * 1024 * 1024;
const PING_BYTES = 64;

export function addIscsiCommands(program: Command, context: CommandContext, run: Run): void {
  const iscsi = program
    .command('iscsi')
    .description('use iSCSI targets: find them, look at them, copy, measure')
    .addHelpText(
      'after',
      examples(
        'samewire iscsi discover 192.0.2.1',
        'samewire iscsi ls 192.0.2.1',
        'samewire iscsi inq iscsi://192.0.2.1/iqn.2026-01.net.example:disk/0',
        'samewire iscsi cp a.img iscsi://192.0.2.1/iqn.2026-01.net.example:d/0 --verify',
        'samewire iscsi sessions fabrics/hosts.yaml',
      ),
    );

  addConnectionOptions(
    iscsi
      .command('discover')
      .description('which targets there are')
      .argument('[portal]', PORTAL)
      .option('--isns <server>', 'ask an iSNS server instead: host[:port]'),
  )
    .addHelpText(
      'after',
      examples(
        'samewire iscsi discover 192.0.2.1',
        'samewire iscsi discover [2001:db8::1]:3260 --json',
        'samewire iscsi discover --isns 192.0.2.5',
      ),
    )
    .action(run((portal: string | undefined, options) => discover(portal, options, context)));

  addConnectionOptions(iscsi.command('ls').description('targets and their logical units').argument('<where>', PORTAL))
    .addHelpText('after', examples('samewire iscsi ls 192.0.2.1', 'samewire iscsi ls iscsi://alice@192.0.2.1 --chap-secret-file secret'))
    .action(run((where: string, options) => ls(where, options, context)));

  addConnectionOptions(
    iscsi
      .command('inq')
      .description('what a logical unit says of itself')
      .argument('<unit>', UNIT)
      .option('--page <code>', 'one vital product data page, such as 83 or b0')
      .option('--raw', 'pages as bytes'),
  )
    .addHelpText('after', examples('samewire iscsi inq iscsi://192.0.2.1/iqn.2026-01.net.example:d/0 --page b0'))
    .action(run((unit: string, options) => inq(unit, options, context)));

  addConnectionOptions(
    iscsi
      .command('ping')
      .description('how long a target takes to answer')
      .argument('<where>', `${PORTAL} with a target`)
      .option('-c, --count <number>', 'how many pings', wholeNumber(1, 1e9), 4)
      .option('-t, --until-stopped', 'until Ctrl-C')
      .option('-i, --interval <seconds>', 'from one ping to the next; 0: at once', numberFromZero, 1)
      .option('-s, --size <bytes>', 'data of a ping', pingSize, PING_BYTES),
  )
    .addHelpText('after', examples('samewire iscsi ping iscsi://192.0.2.1/iqn.2026-01.net.example:d -c 1000 -i 0'))
    .action(run((where: string, options) => ping(where, options, context)));

  addCp(iscsi, context, run);
  addBench(iscsi, context, run);
  addHostCommands(iscsi, context, run);
}

/** No data is data too. */
const pingSize = (text: string): number => (text === '0' ? 0 : Math.min(PING_BYTES_MAX, sizeArgument(text)));

function addCp(iscsi: Command, context: CommandContext, run: Run): void {
  addConnectionOptions(
    iscsi
      .command('cp')
      .description('copy between files and logical units; goes on after an interruption')
      .argument('<from>', `a file, or ${UNIT}`)
      .argument('<to>', 'the same; a file is made')
      .option('--verify', 'read both again afterwards, and compare')
      .addOption(new Option('--sparse <when>', 'zeros take no space').choices(['auto', 'never']).default('auto'))
      .option('--depth <number>', 'pieces under way at once', wholeNumber(1, 256), 16)
      .addOption(new Option('--block-size <size>', 'a piece').argParser(sizeArgument).default(MEBIBYTE, '1MiB'))
      .option('--restart', 'begin anew, whatever was copied before')
      .option('--checkpoint <seconds>', 'how often what was copied is made durable, and recorded', numberFromZero, 2)
      .option('--force', 'overwrite a file, cut to a smaller destination, copy between different block sizes'),
  )
    .option('--to-chap-user <name>', "the destination's CHAP user, where it is another")
    .option('--to-chap-secret-env <variable>', 'environment variable with its secret')
    .option('--to-chap-secret-file <file>', 'the same in a file')
    .addHelpText(
      'after',
      examples(
        'samewire iscsi cp a.img iscsi://192.0.2.1/iqn.2026-01.net.example:d/0 --verify',
        'samewire iscsi cp iscsi://192.0.2.1/iqn.2026-01.net.example:d/0 backup.img',
        'samewire iscsi cp iscsi://192.0.2.1/iqn.2026-01.net.example:old/0 \\',
        '  iscsi://192.0.2.2/iqn.2026-01.net.example:new/0',
      ),
    )
    .action(run((from: string, to: string, options, command: Command) => cp(from, to, options, givenFlags(command), context)));
}

/** As they were given, but for those that concern one run only. */
const givenFlags = (command: Command): string[] =>
  command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli' && option.long !== '--restart')
    .flatMap((option) => (option.isBoolean() ? [option.long!] : [option.long!, String(command.getOptionValue(option.attributeName()))]));

function addBench(iscsi: Command, context: CommandContext, run: Run): void {
  addConnectionOptions(
    iscsi
      .command('bench')
      .description('how many commands a second a logical unit does, and how long each takes')
      .argument('<unit>', UNIT)
      .option('--depth <number>', 'commands under way at once', wholeNumber(1, DEPTH_MAX), 32)
      .addOption(new Option('--block-size <size>', 'data of one command').argParser(sizeArgument).default(4 * KIBIBYTE, '4KiB'))
      .option('--read <percent>', 'share of reads, the rest are writes (default: 100)', wholeNumber(0, 100))
      .option('--write', 'writes only')
      .option('--destroy-data', 'needed to write: what is on the disk is lost')
      .option('--sequential', 'one behind the other (default: anywhere)')
      .option('--seconds <number>', 'how long', positiveNumber, 10)
      .option('--count <number>', 'so many commands, however long it takes', wholeNumber(1, 1e12))
      .option('--warm-up <seconds>', 'before anything is counted (default: 1, with --count 0)', numberFromZero)
      .option('--region <size>', 'only this much of the disk is used', sizeArgument)
      .option('--offset <size>', 'where the region begins', sizeArgument)
      .option('--seed <number>', 'the same places in the same order', wholeNumber(0, 0xffff_ffff)),
  )
    .addHelpText(
      'after',
      examples(
        'samewire iscsi bench iscsi://192.0.2.1/iqn.2026-01.net.example:disk/0',
        'samewire iscsi bench iscsi://192.0.2.1/iqn.2026-01.net.example:disk/0 \\',
        '  --read 70 --depth 128 --destroy-data --json',
      ),
    )
    .action(run((unit: string, options) => bench(unit, options, context)));
}

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
