/** What iscsiadm lists in few words: targets (`-m node`, `-m discovery -t st`), servers (`-m discovery`), sessions (`-m session -P 1`). */
import type { ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { says, serverOf, tellAdapter } from './reading.ts';

/** `10.0.8.252:3260,1 iqn...`, or `10.0.8.253:3260 via sendtargets`. */
export const TARGET_LINE = /^(\[[0-9A-Fa-f:.]{2,60}\]:\d{1,5}|[^\s,[\]]{1,255}:\d{1,5}),(-?\d{1,10}) ((?:iqn|eui|naa)\.\S{1,255})$/;
export const SERVER_LINE = /^(\S{1,300}) via (sendtargets|isns|fw)$/;

export function readLists(text: string, { file, port }: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(file, errors);
  const adapter = port ?? 'default';
  let servers = 0;
  let targets = 0;
  for (const line of lines) {
    const written = line.text.trim();
    const target = TARGET_LINE.exec(written);
    const server = SERVER_LINE.exec(written);
    const address = serverOf(target?.[1] ?? server?.[1] ?? '');
    if (written === '' || written.startsWith('#')) continue;
    if (address === undefined || (server !== null && server[2] !== 'sendtargets')) {
      found.unknown(line, server === null ? undefined : 'Only servers that are asked by SendTargets are read.');
      continue;
    }
    tellAdapter(found, line, adapter);
    if (target === null) {
      servers += 1;
      found.say(line, ['iscsi', adapter, 'discovery', address, 'present'], true);
      continue;
    }
    // Who is not declared may be one that a server named.
    targets += 1;
    found.say(line, ['iscsi', adapter, 'targets', target[3]!, 'present'], true, true);
    found.say(line, ['iscsi', adapter, 'targets', target[3]!, 'address'], address, true);
  }
  if (servers + targets === 0 && errors.length === 0) found.wrong(1, 'There is no target and no server here.');
  const reading = found.reading('host', (key) => {
    if (!says(key) || key[1] !== adapter || key.length !== 5) return false;
    return (targets > 0 && key[2] === 'targets') || (servers > 0 && key[2] === 'discovery' && key[4] === 'present');
  });
  return port === undefined ? { ...reading, unnamedAdapter: adapter } : reading;
}

interface SessionTarget {
  readonly line: Line;
  readonly name: string;
  address: string | undefined;
}

function tellSession(found: Found, line: Line, target: SessionTarget | undefined, adapter: string): void {
  tellAdapter(found, line, adapter);
  if (target === undefined) return;
  const key = ['iscsi', adapter, 'targets', target.name];
  found.say(target.line, [...key, 'present'], true, true);
  if (target.address !== undefined) found.say(target.line, [...key, 'address'], target.address, true);
}

export function readSessions(text: string, { file, port }: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(file, errors);
  const adapters = new Set<string>();
  let target: SessionTarget | undefined;
  let adapter: string | undefined;
  for (const line of lines) {
    const written = line.text.trim();
    if (written === '' || /^\*+$/.test(written)) continue;
    const [, name, value] = /^([A-Za-z][A-Za-z ]{0,40}): ?(.*)$/.exec(written) ?? [];
    if (name === undefined) {
      found.unknown(line);
      continue;
    }
    const known = value === '<empty>' || value === 'default' ? '' : value!;
    if (name === 'Target') {
      target = { line, name: value!.replace(/ \((?:non-)?flash\)$/, ''), address: undefined };
      adapter = undefined;
    } else if (name === 'Persistent Portal' && target !== undefined) target.address = serverOf(value!.replace(/,-?\d+$/, ''));
    else if (name === 'Iface Name') {
      adapter = value!;
      tellSession(found, line, target, adapter);
      adapters.add(adapter);
    } else if (name === 'Iface Transport') {
      // Before 2.0-871 it did not print which interface record it is.
      if (adapter === undefined) tellSession(found, line, target, (adapter = port ?? 'default'));
      adapters.add(adapter);
      found.say(line, ['iscsi', adapter, 'transport'], known, known === 'tcp');
    } else if (adapter !== undefined && name === 'Iface Initiatorname') found.say(line, ['iscsi', adapter, 'initiator'], known);
    else if (adapter !== undefined && name === 'Iface Netdev' && known !== '') found.say(line, ['iscsi', adapter, 'nic'], known);
    else if (name === 'iSCSI Session State' && value !== 'LOGGED_IN' && value !== 'LOGGED IN')
      found.unknown(line, 'The session is not up.');
    else if (!BESIDE.test(name)) found.unknown(line);
  }
  if (adapters.size === 0 && errors.length === 0) found.wrong(1, 'There is no session here.');
  // A session that is not there is not logged in to.
  return found.reading('host', (key) => says(key) && adapters.has(key[1]!) && key[2] === 'targets' && key[4] === 'present');
}

const BESIDE =
  /^(?:Current Portal|Persistent Portal|Interface|Iface IPaddress|Iface HWaddress|Iface Netdev|SID|iSCSI Connection State|iSCSI Session State|Internal iscsid Session State)$/;
