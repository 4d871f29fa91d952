/** The commands of `samewire iscsi` that concern the hosts of a fabric which is up. */
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { resetAdapter, setPath } from './paths.ts';
import { forget, rescan, sessions } from './sessions.ts';

/** Turns what a command gives back, an exit code, into what the program needs. */
type Run = <Arguments extends unknown[]>(
  action: (...given: Arguments) => number | Promise<number>,
) => (...given: Arguments) => Promise<void>;

const DEFAULT_FILE = 'fabric.yaml';
const FILE = 'the fabric file that is up';

export function addHostCommands(iscsi: Command, context: CommandContext, run: Run): void {
  iscsi
    .command('sessions')
    .description('adapters, sessions, devices and paths of the hosts of a fabric that is up')
    .argument('[file]', FILE, DEFAULT_FILE)
    .option('--json', 'for programs: one JSON object')
    .action(run((file: string, options) => sessions(file, options, context)));

  iscsi
    .command('rescan')
    .description('read the fabric file again, ask discovery servers, log in and out, look for disks')
    .argument('[file]', FILE, DEFAULT_FILE)
    .option('--host <name>', 'of one host (default: all)')
    .option('--json', 'for programs: one JSON object')
    .action(run((file: string, options) => rescan(file, options, context)));

  iscsi
    .command('forget')
    .description('remove a static target, such as a removed discovery server leaves; the next rescan logs out of it')
    .argument('<adapter>', 'host and adapter, such as esx1/vmhba64')
    .argument('<target>', 'iSCSI name of the target')
    .option('--address <address>', 'at this portal only, host:port (default: at all)')
    .option('--file <file>', FILE, DEFAULT_FILE)
    .option('--json', 'for programs: one JSON object')
    .action(run((adapter: string, target: string, options) => forget(adapter, target, options, context)));

  const path = iscsi.command('path').description('switch a path to a disk off or on by hand');
  for (const [state, description] of [
    ['off', 'a path is not used any more; what is under way by it goes elsewhere'],
    ['active', 'a path that was switched off is used again, if it works'],
  ] as const)
    path
      .command(state)
      .description(description)
      .argument('<path>', 'host and path, such as esx1/vmhba64:C0:T0:L0')
      .option('--device <name>', 'of this disk, such as naa.6... (default: the one it leads to)')
      .option('--file <file>', FILE, DEFAULT_FILE)
      .option('--json', 'for programs: one JSON object')
      .action(run((place: string, options) => setPath(place, state, options, context)));

  iscsi
    .command('reset')
    .description('reset an adapter: all of its sessions drop, and come back')
    .argument('<adapter>', 'host and adapter, such as esx1/vmhba64')
    .option('--file <file>', FILE, DEFAULT_FILE)
    .option('--json', 'for programs: one JSON object')
    .action(run((place: string, options) => resetAdapter(place, options, context)));
}
