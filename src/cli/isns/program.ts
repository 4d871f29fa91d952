/** The `samewire isns` commands: names, options, help. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CommandContext } from '../context.ts';
import type { DomainOptions } from './domain.ts';
import type { IsnsCommandOptions } from './options.ts';
import type { DeregisterOptions, RegisterOptions } from './register.ts';
import type { WatchCommandOptions } from './watch.ts';

/** `finish` is told the exit code of the command that ran. */
export function addIsnsCommands(program: Command, context: CommandContext, finish: (code: number) => void): void {
  const isns = program.command('isns').description('ask an iSNS server (RFC 4171) who is there, and register at it');
  const command = (name: string, description: string): Command =>
    isns
      .command(name)
      .description(description)
      .argument('<server>', 'address of the iSNS server, with :port behind it if that is not 3205')
      .option('--as <name>', 'iSCSI name to ask as: the server shows what it may see')
      .option('--timeout <seconds>', 'how long the server has for its answer', seconds)
      .option('--json', 'for programs: JSON');

  command('query', 'show entities, nodes and portals')
    .addHelpText('after', examples('samewire isns query 192.0.2.5', 'samewire isns query 192.0.2.5 --as iqn.2026-01.net.example:host1'))
    .action(async (server: string, options: IsnsCommandOptions) =>
      finish(await (await import('./query.ts')).query(server, options, context)),
    );

  command('register', 'make targets, initiators and portals known')
    .option('--target <name>', 'a target (may be given again)', collect)
    .option('--initiator <name>', 'an initiator (may be given again)', collect)
    .option('--portal <address>', 'an IP address with port where they are reached (may be given again)', collect)
    .option('--entity <identifier>', 'entity they belong to; by default the server makes one up')
    .option('--alias <text>', 'name for people')
    .option('--period <seconds>', 'registration period to ask for', seconds)
    .option('--replace', 'what the entity had before goes')
    .addHelpText('after', examples('samewire isns register 192.0.2.5 --target iqn.2026-01.net.example:disk1 --portal 192.0.2.7:3260'))
    .action(async (server: string, options: RegisterOptions) =>
      finish(await (await import('./register.ts')).register(server, options, context)),
    );

  command('deregister', 'take entities, nodes or portals back')
    .option('--entity <identifier>', 'an entity with all that is in it (may be given again)', collect)
    .option('--node <name>', 'a target or initiator (may be given again)', collect)
    .option('--portal <address>', 'a portal (may be given again)', collect)
    .addHelpText('after', examples('samewire isns deregister 192.0.2.5 --node iqn.2026-01.net.example:disk1'))
    .action(async (server: string, options: DeregisterOptions) =>
      finish(await (await import('./register.ts')).deregister(server, options, context)),
    );

  command('domain', 'make a discovery domain, add members to it, or take it away')
    .option('--id <number>', 'a discovery domain there is; by default a new one is made', seconds)
    .option('--name <text>', 'its name')
    .option('--member <name>', 'a node to add, or with --remove to take out (may be given again)', collect)
    .option('--remove', 'take the members out, or without members the whole domain away')
    .addHelpText('after', examples('samewire isns domain 192.0.2.5 --name lab --member iqn.2026-01.net.example:disk1'))
    .action(async (server: string, options: DomainOptions) => finish(await (await import('./domain.ts')).domain(server, options, context)));

  command('watch', 'be told of what comes and goes, until it is stopped')
    .option('--address <address>', 'an address of this machine that the server reaches; by default the one that leads to it')
    .option('--udp', 'be told by datagrams instead of a connection')
    .addHelpText('after', examples('samewire isns watch 192.0.2.5', 'samewire isns watch 192.0.2.5 --json | jq -r .node'))
    .action(async (server: string, options: WatchCommandOptions) =>
      finish(await (await import('./watch.ts')).watch(server, options, context)),
    );
}

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

function seconds(text: string): number {
  const value = Number(text);
  if (!/^[0-9]{1,10}$/.test(text) || value < 1 || value > 0xffff_ffff)
    throw new InvalidArgumentError('It has to be a whole number above zero.');
  return value;
}
