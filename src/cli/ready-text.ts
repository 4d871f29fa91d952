/** What stands on the terminal when everything is up: one line that says so, the disks, and what to try. */
import type { Colors } from 'picocolors/types.js';
import { formatSize } from '../fabric/size.ts';
import type { ReadyReport } from '../os/running.ts';
import { count } from './plain-text.ts';
import type { TryCommands } from './try-commands.ts';

export function readyLine(ready: ReadyReport): string {
  const arrays = Object.entries(ready.arrays);
  const places = arrays.map(([name, array]) => `${name} on ${array.portals.join(', ')}`);
  const targets = arrays.flatMap(([, array]) => array.targets);
  const luns = targets.flatMap((target) => target.luns);
  return `ready: ${places.join('; ')} (${count(targets.length, 'target')}, ${count(luns.length, 'LUN')})`;
}

export function readyText(ready: ReadyReport, tries: readonly TryCommands[], colors: Colors): string {
  let text = `${colors.green(colors.bold('ready'))}${readyLine(ready).slice('ready'.length)}\n`;
  for (const target of Object.values(ready.arrays).flatMap((array) => array.targets)) {
    text += `  ${colors.bold(target.name)}\n`;
    for (const lun of target.luns) text += `    LUN ${lun.lun}: ${formatSize(lun.bytes)}, ${lun.store}, blocks of ${lun.blockSize}\n`;
  }
  return text + tryText(tries, colors);
}

export function tryText(tries: readonly TryCommands[], colors: Colors): string {
  if (tries.length === 0) return '';
  let text = 'Try from another terminal:\n';
  for (const { title, commands } of tries) {
    if (title !== '') text += `  # ${title}\n`;
    for (const command of commands) text += `  ${colors.cyan(command)}\n`;
  }
  return text;
}
