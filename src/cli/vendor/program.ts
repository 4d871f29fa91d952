/** `samewire render`, `import` and `diff`: names, options, help. */
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { DiffOptions } from './diff.ts';
import type { ImportOptions } from './import.ts';
import type { RenderOptions } from './render.ts';

type Run = <Arguments extends unknown[]>(
  action: (...given: Arguments) => number | Promise<number>,
) => (...given: Arguments) => Promise<void>;

export function addVendorCommands(program: Command, context: CommandContext, run: Run): void {
  program
    .command('render')
    .description('the commands of a product for what a fabric file says of a node (without --node and --as: which there are)')
    .argument('[file]', 'fabric file, - for standard input', 'fabric.yaml')
    .option('--node <name>', 'a switch, host or array of the fabric')
    .option('--as <dialect>', 'whose commands: onyx, nxos, ios, procurve, linux, esxcli, powershell, chelsio, targetcli, iscsiadm')
    .option('--verify', 'instead: commands that show whether it took effect, and what they should print')
    .option('--files <directory>', 'write the files that belong to it, with their whole path below this directory')
    .option('--json', 'for programs: commands, verification, files, and what was not said')
    .addHelpText(
      'after',
      `${examples(
        'samewire render fabric.yaml',
        'samewire render fabric.yaml --node tor1 --as onyx',
        'samewire render fabric.yaml --node tor1 --as onyx --verify',
        'samewire render fabric.yaml --node array1 --as targetcli --files out',
      )}\nWhat a dialect has no words for is told on standard error. Secrets are never in it: \`<secret of NAME>\` stands where one belongs.\n`,
    )
    .action(run(async (file: string, options: RenderOptions) => (await import('./render.ts')).render(file, options, context)));

  const make = program.command('import');
  overOutputs(make.description('make a fabric file of what devices print'))
    .argument('<output...>', 'files with outputs of devices, - for standard input')
    .option('--out <file>', 'write it to a file')
    .option('--force', 'overwrite the file if there is one')
    .option('--name <name>', 'name of the fabric', 'imported')
    .option('--json', 'for programs: the fabric file, what was read, and what was not understood')
    .addHelpText(
      'after',
      `${examples(
        'samewire import tor1.txt tor2.txt --out fabric.yaml',
        'samewire import --node lin1=qos.txt --port p1 qos.txt saveconfig.json',
        'ssh admin@tor1 "show running-config" | samewire import --node tor1 -',
      )}\nNodes are called as the output says, else as --node says, else as the file is called. Lines that were not understood are listed.\n`,
    )
    .action(run(async (files: string[], options: ImportOptions) => (await import('./import.ts')).importOutputs(files, options, context)));

  overOutputs(program.command('diff').description('where devices differ from what a fabric file says of them'))
    .argument('<file>', 'fabric file, - for standard input')
    .argument('<output...>', 'files with outputs of devices, - for standard input')
    .option('--json', 'for programs: every difference with both of its places')
    .addHelpText(
      'after',
      `${examples(
        'samewire diff fabric.yaml tor1.txt',
        'samewire diff fabric.yaml --node array1 /etc/target/saveconfig.json',
        'samewire diff fabric.yaml dumps/*.txt --json',
      )}\nExit code: 0 no difference, 1 differences, 2 the command line or a file can't be read.\n`,
    )
    .action(
      run(async (file: string, outputs: string[], options: DiffOptions) =>
        (await import('./diff.ts')).diff(file, outputs, options, context),
      ),
    );
}

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

const overOutputs = (command: Command): Command =>
  command
    .option('--node <name>', 'node that the outputs are of, or NAME=FILE for one of them (may be given again)', collect)
    .option('--as <dialect>', 'whose outputs they are, where that is not clear')
    .option('--port <name>', 'adapter port that was asked about, where the output does not say it');
