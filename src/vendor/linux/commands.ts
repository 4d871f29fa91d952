/**
 * Commands themselves, as a script or a guide has them: `ip`, `bridge`, `dcb`, `mlnx_qos`, `ethtool` and what is written to sysfs. What they would
 * leave a machine with is what is read.
 */
import type { OutputKind, ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { type Command, readDcb } from './commands-dcb.ts';
import { readEthtool } from './commands-ethtool.ts';
import { readMlnxQos } from './commands-mlnx-qos.ts';
import { readSysfs } from './commands-sysfs.ts';
import { interpret } from './interpret.ts';
import { settingsOfLinks } from './links.ts';
import { lineAt } from './link.ts';
import { says } from './says.ts';
import { commandOf } from './prompts.ts';

/** What only shows. */
const SHOWING: ReadonlySet<string> = new Set(['cat', 'ibdev2netdev', 'show_gids', 'tc_wrap.py', 'lsmod', 'ls', 'ping']);

export const commandList: OutputKind = {
  name: 'commands',
  recognise: (text) => {
    const lines = text
      .slice(0, 8192)
      .split('\n')
      .map((line) => commandOf(line.slice(0, 512)))
      .filter((line) => line !== undefined);
    const known = lines.filter((line) =>
      /^(?:ip (?:-\S+ )*(?:link|addr\w*|route) |bridge vlan |dcb (?:pfc|ets|app|dcbx|buffer) |mlnx_qos -i |ethtool -[A-Z] )/.test(line),
    ).length;
    return lines.length === 0 ? 0 : known / lines.length;
  },
  read: (text: string, { file }: ReadContext): Reading => {
    const { lines, errors } = splitLines(text);
    const found = new Found(file, errors);
    const made = interpret(lines.filter(({ text: line }) => line.trim() !== ''));
    settingsOfLinks(made.links, found);
    if (made.routes.length > 0)
      found.say(lineAt(made.routes[0]!.line), ['routes'], made.routes.map(({ to, via }) => `${to} via ${via}`).toSorted());
    const read = new Map<string, (found: Found, command: Command) => boolean>([
      ['dcb', readDcb],
      ['mlnx_qos', readMlnxQos],
      ['ethtool', readEthtool],
      ['echo', readSysfs],
      ['mkdir', (_, { words }) => words.some((word) => word.startsWith('/sys/kernel/config/'))],
      ['cma_roce_mode', readSysfs],
      ['cma_roce_tos', readSysfs],
      ['devlink', readSysfs],
    ]);
    for (const { line, words } of made.others)
      if (!SHOWING.has(words[0]!) && read.get(words[0]!)?.(found, { line, words: words.slice(1), program: words[0]! }) !== true)
        found.unknown(line);
    for (const { line, why } of made.unknown) found.unknown(line, why);
    if (found.understoodNothing && !found.hasErrors)
      found.wrong(firstLine(lines), 'None of these lines is a command that sets up a network on Linux.');
    return found.reading('host', says);
  },
};

const firstLine = (lines: readonly Line[]): number => lines.find(({ text }) => text.trim() !== '')?.number ?? 1;
