/** `/proc/net/vlan/INTERFACE` and `/proc/net/bonding/INTERFACE` (Linux 6.1: net/8021q/vlanproc.c, drivers/net/bonding/bond_procfs.c). */
import type { OutputKind } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { type BondOptions, type Link } from './link.ts';
import { settingsOfLinks } from './links.ts';

export const procVlan: OutputKind = {
  name: '/proc/net/vlan/INTERFACE',
  recognise: (text) => (/^\s*\S{1,15}\s+VID: \d{1,4}/.test(text.slice(0, 200)) ? 1 : 0),
  read: (text, { file }) => {
    const { lines, errors } = splitLines(text);
    const found = new Found(file, errors);
    let link: Link | undefined;
    let map: Map<number, number> | undefined;
    for (const line of lines) {
      const header = /^\s*(\S{1,15})\s+VID: (\d{1,4})\b/.exec(line.text);
      if (header !== null) link = { name: header[1]!, line: line.number, kind: 'vlan', vlan: Number(header[2]) };
      else if (link === undefined) {
        if (line.text.trim() !== '') found.unknown(line);
      } else if (/^\s*Device: /.test(line.text)) link.parent = line.text.slice(line.text.indexOf(':') + 1).trim();
      else if (/priority mappings:/.test(line.text)) {
        map = new Map();
        if (line.text.includes('INGRESS')) link.ingress = map;
        else link.egress = map;
        addEntries(map, line);
      } else if (map !== undefined && /^[\s\d:]{1,2000}$/.test(line.text)) addEntries(map, line);
      // Counters.
      else if (!/^\s*(?:total |Broadcast\/Multicast )/.test(line.text) && line.text.trim() !== '') found.unknown(line);
    }
    if (link?.parent === undefined) found.wrong(1, 'This is not what /proc/net/vlan has: lines with `VID:` and `Device:` are missing.');
    else {
      const parent: Link = { name: link.parent, line: link.line, kind: 'port' };
      settingsOfLinks(
        new Map([
          [parent.name, parent],
          [link.name, link],
        ]),
        found,
      );
    }
    const [on, vlan] = [link?.parent, `${link?.vlan}`];
    const covers = (key: readonly string[]): boolean =>
      key[1] === on && key[3] === vlan && ['egress', 'ingress', 'present'].includes(key[4] ?? '');
    return found.reading('host', covers, (key) => (key[4] === 'egress' || key[4] === 'ingress' ? 0 : undefined));
  },
};

function addEntries(map: Map<number, number>, line: Line): void {
  for (const [, from, to] of line.text.matchAll(/(\d{1,10}):([0-7])/g)) map.set(Number(from), Number(to));
}

const MODES: Readonly<Record<string, string>> = {
  'load balancing (round-robin)': 'balance-rr',
  'fault-tolerance (active-backup)': 'active-backup',
  'load balancing (xor)': 'balance-xor',
  'fault-tolerance (broadcast)': 'broadcast',
  'IEEE 802.3ad Dynamic link aggregation': '802.3ad',
  'transmit load balancing': 'balance-tlb',
  'adaptive load balancing': 'balance-alb',
};

/** Names of lines, and the options they say. */
const BOND_LINES: Readonly<Record<string, (value: string) => BondOptions>> = {
  'Bonding Mode': (value) => ({ mode: MODES[value.replace(/ \(fail_over_mac \w+\)$/, '')] ?? value }),
  'Transmit Hash Policy': (value) => ({ hash: value.replace(/ \(\d\)$/, '') }),
  'MII Polling Interval (ms)': (value) => ({ miimon: Number(value) }),
  'ARP Polling Interval (ms)': (value) => ({ arpInterval: Number(value) }),
  'LACP active': (lacpActive) => ({ lacpActive }),
  'LACP rate': (lacpRate) => ({ lacpRate }),
  'Primary Slave': (value) => {
    const match = /^(\S{1,15})(?: \(primary_reselect (\w+)\))?$/.exec(value);
    return match === null || match[1] === 'None'
      ? {}
      : { primary: match[1]!, ...(match[2] === undefined ? {} : { primaryReselect: match[2] }) };
  },
};
const IRRELEVANT =
  /^(?:Currently Active Slave|MII Status|Up Delay|Down Delay|Peer Notification Delay|Min links|Aggregator selection policy|Speed|Duplex|Link Failure Count|Slave queue ID|Aggregator ID|Actor Churn|Partner Churn|ARP |NS |Number of ports|Actor Key|Partner|System |Permanent HW addr|802\.3ad info|Active Aggregator Info|Slave Active|details |port |oper |system |Ethernet Channel Bonding Driver|bond \S+ has no active aggregator)/;

export const procBonding: OutputKind = {
  name: '/proc/net/bonding/INTERFACE',
  recognise: (text) => (/^Ethernet Channel Bonding Driver:/m.test(text.slice(0, 400)) ? 1 : 0),
  read: (text, { file, port }) => {
    const { lines, errors } = splitLines(text);
    const found = new Found(file, errors);
    const name = port ?? /([\w.-]{1,15})$/.exec(file.replace(/\.txt$/, ''))?.[1] ?? 'bond0';
    const bond: Link = { name, line: 1, kind: 'bond', bond: {} };
    const links = new Map([[name, bond]]);
    for (const line of lines) {
      const pair = /^\s*([^:]{1,60}):\s*(.*)$/.exec(line.text);
      const [label, value] = [pair?.[1]?.trim() ?? '', pair?.[2]?.trim() ?? ''];
      const read = Object.hasOwn(BOND_LINES, label) ? BOND_LINES[label] : undefined;
      if (read !== undefined) bond.bond = { ...bond.bond, ...read(value) };
      else if (label === 'Slave Interface') links.set(value, { name: value, line: line.number, kind: 'port', master: name });
      else if (line.text.trim() !== '' && !IRRELEVANT.test(line.text.trim())) found.unknown(line);
    }
    if (bond.bond?.mode === undefined) found.wrong(1, 'This is not what /proc/net/bonding has: the line `Bonding Mode:` is missing.');
    else settingsOfLinks(links, found);
    return found.reading(
      'host',
      ([section, team, what]) =>
        section === 'teams' &&
        team === name &&
        ['nics', 'mode', 'hash', 'lacpRate', 'lacpActive', 'active', 'detection'].includes(what ?? ''),
    );
  },
};
