/** What stands on the terminal when everything is up: one line that says so, the disks, and what to try. */
import type { Colors } from 'picocolors/types.js';
import type { HostReport } from '../device/host-report.ts';
import { formatSize } from '../fabric/size.ts';
import type { NetworkReady } from '../os/network/running-network.ts';
import type { ReadyReport } from '../os/running.ts';
import { pathText, pathTone, serverText, sessionsText, sessionText, sessionTone, sizeText } from './host-words.ts';
import { paint } from './paint.ts';
import { count, plainLine } from './plain-text.ts';
import type { TryCommands } from './try-commands.ts';

export function readyLine(ready: ReadyReport): string {
  const arrays = Object.entries(ready.arrays);
  const places = arrays.map(([name, array]) => `${name} on ${array.portals.join(', ')}`);
  const targets = arrays.flatMap(([, array]) => array.targets);
  const luns = targets.flatMap((target) => target.luns);
  const hosts = ready.hosts ?? [];
  const parts = [count(targets.length, 'target'), count(luns.length, 'LUN'), ...(hosts.length === 0 ? [] : [count(hosts.length, 'host')])];
  return `ready: ${[...places, ...(places.length === 0 ? hosts.map(({ host }) => host) : [])].join('; ')} (${parts.join(', ')})`;
}

export function readyText(ready: ReadyReport, tries: readonly TryCommands[], colors: Colors): string {
  let text = `${colors.green(colors.bold('ready'))}${readyLine(ready).slice('ready'.length)}\n`;
  if (ready.url !== undefined) text += `  ${colors.bold('page')}  ${colors.cyan(colors.bold(ready.url))}\n`;
  for (const target of Object.values(ready.arrays).flatMap((array) => array.targets)) {
    text += `  ${colors.bold(target.name)}\n`;
    for (const lun of target.luns) text += `    LUN ${lun.lun}: ${formatSize(lun.bytes)}, ${lun.store}, blocks of ${lun.blockSize}\n`;
  }
  return text + hostsText(ready.hosts ?? [], colors) + networkText(ready.network, colors) + tryText(tries, colors);
}

/** What the world can be plugged into, with what to type at the other end. */
function networkText(network: NetworkReady | undefined, colors: Colors): string {
  let text = '';
  for (const { listen, to, host } of network?.published ?? []) text += `  ${colors.bold(listen)} leads to ${to}, from ${host}\n`;
  for (const { port, to, hints } of network?.attached ?? []) {
    text += `  ${colors.bold(port)}: ${plainLine(to)}; at the other end:\n`;
    for (const hint of hints) text += `    ${colors.cyan(plainLine(hint))}\n`;
  }
  return text;
}

/** With each path: this is what somebody who has just brought hosts up wants to see. */
function hostsText(hosts: readonly HostReport[], colors: Colors): string {
  let text = '';
  for (const { host, adapters, devices } of hosts) {
    text += `  ${colors.bold(host)}\n`;
    for (const adapter of adapters) {
      text += `    ${adapter.adapter}: ${plainLine(adapter.initiator)}, ${sessionsText(adapter)}\n`;
      for (const one of adapter.servers)
        if (one.state !== 'answered') text += `      ${colors.yellow(plainLine(`discovery at ${one.server}: ${serverText(one)}`))}\n`;
      for (const one of adapter.targets) {
        const words = paint(colors, sessionTone(one.session))(plainLine(sessionText(one)));
        text += `      ${one.id} ${plainLine(one.target)} at ${one.address}: ${words}\n`;
      }
    }
    for (const device of devices) {
      text += `    ${plainLine(device.device)}: ${sizeText(device)}, ${plainLine(`${device.vendor} ${device.product}`)}\n`;
      for (const path of device.paths) text += `      ${path.path} ${paint(colors, pathTone(path))(plainLine(pathText(path)))}\n`;
    }
  }
  return text;
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
