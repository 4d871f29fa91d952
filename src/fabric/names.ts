/** The names in mappings by name. Looked at as written: a bad name hides nothing of what it names, and nothing hides a bad name. */
import { type Explained, explainName } from './explain.ts';
import { parseIscsiName } from './iscsi-name.ts';
import { isMistake, mistake, type Parsed } from './parsed.ts';
import type { Path, Problem } from './problem.ts';
import { parsePortKey } from './network/port-names.ts';
import { parseAccept, parseName } from './schema/fabric.ts';
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
    for (const [vlan] of entriesOf(valueOf(one, 'vlans'))) look(vlan, ['switches', name, 'vlans', vlan], parseVlanKey);
    for (const [group, settings] of entriesOf(valueOf(one, 'aggregations'))) {
      look(group, ['switches', name, 'aggregations', group], parsePortKey);
      lookAtDcb(valueOf(settings, 'dcb'), ['switches', name, 'aggregations', group, 'dcb'], look);
    }
    lookAtDcb(valueOf(one, 'dcb'), ['switches', name, 'dcb'], look);
    for (const [port, settings] of entriesOf(valueOf(one, 'ports')))
      lookAtDcb(valueOf(settings, 'dcb'), ['switches', name, 'ports', port, 'dcb'], look);
  }
  for (const [key] of entriesOf(valueOf(about.root, 'accept'))) look(key, ['accept', key], parseAccept);
  for (const section of ['zones', 'networks'])
    for (const [name] of entriesOf(valueOf(valueOf(about.root, 'vxlan'), section))) look(name, ['vxlan', section, name], parseTitle);
  for (const [name, one] of entriesOf(valueOf(about.root, 'distributedSwitches'))) {
    look(name, ['distributedSwitches', name], parseTitle);
    for (const [group] of entriesOf(valueOf(one, 'portGroups')))
      look(group, ['distributedSwitches', name, 'portGroups', group], parseTitle);
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
    lookAtDcb(valueOf(settings, 'dcb'), [...nicPath, 'dcb'], look);
    for (const [number] of entriesOf(valueOf(valueOf(settings, 'sriov'), 'each')))
      look(number, [...nicPath, 'sriov', 'each', number], numberUpTo(255, 'a virtual function'));
  }
  lookAtDcb(valueOf(machine, 'dcb'), [...path, 'dcb'], look);
  for (const [team, settings] of entriesOf(valueOf(machine, 'teams'))) {
    look(team, [...path, 'teams', team], parseTitle);
    lookAtInterface(settings, [...path, 'teams', team], look);
    for (const [vlan, one] of entriesOf(valueOf(settings, 'vlans'))) {
      look(vlan, [...path, 'teams', team, 'vlans', vlan], parseVlanKey);
      lookAtInterface(one, [...path, 'teams', team, 'vlans', vlan], look);
    }
  }
  for (const [one, settings] of entriesOf(valueOf(machine, 'virtualSwitches'))) {
    look(one, [...path, 'virtualSwitches', one], parseTitle);
    for (const [group] of entriesOf(valueOf(settings, 'portGroups')))
      look(group, [...path, 'virtualSwitches', one, 'portGroups', group], parseTitle);
  }
  for (const section of ['virtualNics', 'vms', 'policies'])
    for (const [name] of entriesOf(valueOf(machine, section))) look(name, [...path, section, name], parseTitle);
}

/** Keys of DCB that are numbers. */
function lookAtDcb(dcb: unknown, path: Path, look: Look): void {
  for (const [section, most, noun] of [
    ['classes', 7, 'a traffic class'],
    ['marks', 7, 'a traffic class'],
    ['dscp', 63, 'a DSCP'],
  ] as const)
    for (const [key] of entriesOf(valueOf(dcb, section))) look(key, [...path, section, key], numberUpTo(most, noun));
}

const numberUpTo =
  (most: number, noun: string) =>
  (key: string): Parsed<unknown> =>
    /^(0|[1-9]\d{0,2})$/.test(key) && Number(key) <= most
      ? { value: Number(key) }
      : mistake(`\`${key.slice(0, 40)}\` is not ${noun}.`, `Write a whole number from 0 to ${most}.`);

/** What people call port groups, virtual machines and Windows interfaces: spaces and all. */
const parseTitle = (written: string): Parsed<string> =>
  /^[^\p{Cc}"]{1,128}$/u.test(written) && written.trim() === written
    ? { value: written }
    : mistake('This is no good name.', 'Write a name of 1 to 128 characters, without quotes, and without spaces at its ends.');

function lookAtInterface(settings: unknown, path: Path, look: Look): void {
  const server = valueOf(settings, 'dhcpServer');
  for (const [mac] of entriesOf(valueOf(server, 'reservations'))) look(mac, [...path, 'dhcpServer', 'reservations', mac], parseStationMac);
  for (const [from] of entriesOf(valueOf(settings, 'egress')))
    look(from, [...path, 'egress', from], numberUpTo(15, 'a priority of a socket'));
  for (const [from] of entriesOf(valueOf(settings, 'ingress'))) look(from, [...path, 'ingress', from], numberUpTo(7, 'a priority'));
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesOf = (value: unknown): [string, unknown][] => (isMapping(value) ? Object.entries(value) : []);

const valueOf = (value: unknown, key: string): unknown => (isMapping(value) ? value[key] : undefined);
