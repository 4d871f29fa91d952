/** The names in mappings by name. Looked at as written: a bad name hides nothing of what it names, and nothing hides a bad name. */
import { type Explained, explainName } from './explain.ts';
import { parseIscsiName } from './iscsi-name.ts';
import { isMistake, type Parsed } from './parsed.ts';
import type { Path, Problem } from './problem.ts';
import { parsePortKey } from './network/port-names.ts';
import { parseName } from './schema/fabric.ts';
import { parseLunNumber } from './schema/lun.ts';
import { parseStationMac } from './schema/wire-words.ts';
import { parseVlanKey } from './network/vlan-list.ts';

/** `about.root` is anything: only its mappings where names are expected are looked at. */
export function nameProblems(about: Explained): Problem[] {
  const problems: Problem[] = [];
  const look: Look = (name, path, parse) => {
    const parsed = parse(name);
    if (isMistake(parsed)) problems.push(explainName(path, parsed, about));
  };
  for (const [name, array] of entriesOf(valueOf(about.root, 'arrays'))) {
    const path = ['arrays', name];
    look(name, path, parseName);
    lookAtMachine(array, path, look);
    for (const [targetName, target] of entriesOf(valueOf(array, 'targets'))) {
      const targetPath = [...path, 'targets', targetName];
      look(targetName, targetPath, parseIscsiName);
      for (const [lun] of entriesOf(valueOf(target, 'luns'))) look(lun, [...targetPath, 'luns', lun], parseLunNumber);
    }
  }
  for (const [name, host] of entriesOf(valueOf(about.root, 'hosts'))) {
    look(name, ['hosts', name], parseName);
    lookAtMachine(host, ['hosts', name], look);
    for (const [adapter] of entriesOf(valueOf(host, 'iscsi'))) look(adapter, ['hosts', name, 'iscsi', adapter], parseName);
  }
  for (const [name, one] of entriesOf(valueOf(about.root, 'switches'))) {
    look(name, ['switches', name], parseName);
    for (const [port] of entriesOf(valueOf(one, 'ports'))) look(port, ['switches', name, 'ports', port], parsePortKey);
  }
  return problems;
}

type Look = (name: string, path: Path, parse: (name: string) => Parsed<unknown>) => void;

function lookAtMachine(machine: unknown, path: Path, look: Look): void {
  for (const [adapter] of entriesOf(valueOf(machine, 'adapters'))) look(adapter, [...path, 'adapters', adapter], parseName);
  for (const [nic, settings] of entriesOf(valueOf(machine, 'nics'))) {
    const nicPath = [...path, 'nics', nic];
    look(nic, nicPath, parseName);
    lookAtInterface(settings, nicPath, look);
    for (const [vlan, one] of entriesOf(valueOf(settings, 'vlans'))) {
      look(vlan, [...nicPath, 'vlans', vlan], parseVlanKey);
      lookAtInterface(one, [...nicPath, 'vlans', vlan], look);
    }
  }
}

function lookAtInterface(settings: unknown, path: Path, look: Look): void {
  const server = valueOf(settings, 'dhcpServer');
  for (const [mac] of entriesOf(valueOf(server, 'reservations'))) look(mac, [...path, 'dhcpServer', 'reservations', mac], parseStationMac);
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesOf = (value: unknown): [string, unknown][] => (isMapping(value) ? Object.entries(value) : []);

const valueOf = (value: unknown, key: string): unknown => (isMapping(value) ? value[key] : undefined);
