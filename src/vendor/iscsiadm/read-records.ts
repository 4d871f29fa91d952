/**
 * Records of open-iscsi, as iscsiadm prints them and as they lie below /etc/iscsi (node, interface and discovery records), iscsid.conf, and
 * initiatorname.iscsi: lines of `name = value`. A node record has every parameter of its target, wherever it was set: what all records of an
 * adapter have in common and is not as iscsid.conf comes is told of the adapter.
 */
import { addTo } from '../../base/grouped.ts';
import type { ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { MachineNames } from './read-commands.ts';
import { PARAMETERS } from './parameters.ts';
import { says, serverOf, tellAdapter, tellParameter } from './reading.ts';

interface Entry {
  readonly line: Line;
  readonly value: string;
}
type Record = ReadonlyMap<string, Entry>;

export function readRecords(text: string, { file, port }: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(file, errors);
  const names = new MachineNames();
  const records: Map<string, Entry>[] = [new Map()];
  for (const line of lines) {
    const written = line.text.trim();
    if (/^# (?:BEGIN|END) RECORD/.test(written)) records.push(new Map());
    if (written === '' || written.startsWith('#') || names.take(line, written)) continue;
    const match = /^([A-Za-z_][A-Za-z0-9_.[\]]*) *= *(.*)$/.exec(written);
    if (match === null) found.unknown(line);
    else records.at(-1)!.set(match[1]!, { line, value: match[2] === '<empty>' ? '' : match[2]! });
  }
  const usual = port ?? 'default';
  const nodes: NodeRecord[] = [];
  for (const record of records) {
    if (record.has('node.name')) nodes.push(nodeRecord(record, usual));
    else if (record.has('discovery.type')) tellDiscovery(found, record, usual);
    else if (record.has('iface.iscsi_ifacename')) tellInterface(found, record, usual);
    else if (record.size > 0) tellConfiguration(found, record, usual);
  }
  tellNodes(found, nodes);
  names.tell(found, usual);
  if (found.understoodNothing && !found.hasErrors) found.wrong(1, 'There is no record of open-iscsi here.');
  const targets = new Set(nodes.map(({ adapter, target }) => JSON.stringify([adapter, target])));
  const isNamed = port !== undefined || records.some((record) => record.has('iface.iscsi_ifacename'));
  const reading = found.reading('host', (key) => {
    if (!says(key) || key.at(-1) === 'secret' || key[2] !== 'targets') return false;
    return key.at(-1) === 'address' && targets.has(JSON.stringify([key[1], key[3]]));
  });
  return isNamed ? reading : { ...reading, unnamedAdapter: usual };
}

/** What a record tells otherwise, or what no fabric file says. */
const BESIDE =
  /^(?:node\.(?:name|tpgt|startup|leading_login|discovery_\w+|conn\[\d\]\.(?:address|port|startup|tcp\..*|timeo\.(?:logout|auth)_timeout|iscsi\.(?:MaxXmitDataSegmentLength|IFMarker|OFMarker)))|node\.session\.(?:initial_\w+|xmit_thread_priority|queue_depth|nr_sessions|auth\.(?:authmethod|chap_algs)|timeo\..*|err_timeo\..*|iscsi\.(?:FastAbort|DefaultTime2\w+)|scan|reopen_max)|iface\..*|discovery\..*|iscsid\..*)$/;

interface NodeRecord {
  readonly adapter: string;
  readonly target: string;
  readonly record: Record;
  readonly first: Line;
  readonly isStatic: boolean;
}

function nodeRecord(record: Record, usual: string): NodeRecord {
  const { line, value } = record.get('node.name')!;
  return {
    adapter: record.get('iface.iscsi_ifacename')?.value ?? usual,
    target: value,
    record,
    first: line,
    // Before 2.0 there was no such line.
    isStatic: (record.get('node.discovery_type')?.value ?? 'static') === 'static',
  };
}

const addressIn = (record: Record, host: string, port: string): string | undefined => {
  const written = record.get(host)?.value ?? '';
  return written === ''
    ? undefined
    : serverOf(`${written.includes(':') && !written.startsWith('[') ? `[${written}]` : written}:${record.get(port)?.value ?? 3260}`);
};

function tellNodes(found: Found, nodes: readonly NodeRecord[]): void {
  for (const { adapter, target, record, first, isStatic } of nodes) {
    tellInterface(found, record, adapter);
    const key = ['iscsi', adapter, 'targets', target];
    const address = addressIn(record, 'node.conn[0].address', 'node.conn[0].port');
    // Of a target that a server named, the fabric file says the server.
    found.say(first, [...key, 'present'], true, !isStatic);
    if (address !== undefined) found.say(record.get('node.conn[0].address')!.line, [...key, 'address'], address, !isStatic);
    const server = addressIn(record, 'node.discovery_address', 'node.discovery_port');
    if (!isStatic && server !== undefined)
      found.say(record.get('node.discovery_address')!.line, ['iscsi', adapter, 'discovery', server, 'present'], true);
    for (const [name, entry] of record) if (!isTold(name) && !BESIDE.test(name)) found.unknown(entry.line);
  }
  const byAdapter = new Map<string, NodeRecord[]>();
  for (const one of nodes) {
    addTo(byAdapter, one.adapter, one);
  }
  for (const own of byAdapter.values()) {
    for (const { name, usual } of PARAMETERS) tellShared(found, own, name, usual);
    tellShared(found, own, 'node.session.auth.username', '');
    tellShared(found, own, 'node.session.auth.username_in', '');
  }
}

const isTold = (name: string): boolean =>
  PARAMETERS.some((one) => one.name === name) || /^node\.session\.auth\.(?:username|password)(?:_in)?$/.test(name);

/** The same in every record of the adapter: of the adapter; else of each target. It is told quietly of the other place as well. */
function tellShared(found: Found, nodes: readonly NodeRecord[], name: string, usual: string): void {
  const values = new Set(nodes.map(({ record }) => record.get(name)?.value ?? usual));
  const isShared = values.size === 1 && (nodes.length > 1 || !nodes[0]!.isStatic);
  for (const { adapter, target, record, isStatic } of nodes) {
    const entry = record.get(name);
    if (entry === undefined || (name.includes('username') && entry.value === '')) continue;
    const isUsual = entry.value === usual;
    say(found, entry, ['iscsi', adapter], name, isUsual || !isShared);
    // What a record of a discovered target has by itself has no other place than an entry of its own.
    say(found, entry, ['iscsi', adapter, 'targets', target], name, isUsual || isShared);
    if (!isUsual && !isShared && !isStatic) found.say(entry.line, ['iscsi', adapter, 'targets', target, 'present'], true);
  }
}

function say(found: Found, { line, value }: Entry, key: readonly string[], name: string, quiet: boolean): void {
  const side = new Found('');
  if (tellParameter(side, line, key, name, value) !== undefined) return;
  for (const one of side.settings) if (!quiet || found.value(one.key) === undefined) found.say(line, one.key, one.value, quiet);
}

function tellInterface(found: Found, record: Record, usual: string): void {
  const named = record.get('iface.iscsi_ifacename');
  const adapter = named?.value ?? usual;
  const [first] = record.values();
  if (first === undefined) return;
  tellAdapter(found, named?.line ?? first.line, adapter);
  const transport = record.get('iface.transport_name');
  if (transport !== undefined && (transport.value === 'tcp' || transport.value === 'iser'))
    found.say(transport.line, ['iscsi', adapter, 'transport'], transport.value, transport.value === 'tcp');
  else if (transport !== undefined && transport.value !== '') found.say(transport.line, ['iscsi', adapter, 'kind'], 'dependent');
  for (const [name, key] of [['iface.net_ifacename', 'nic'] as const, ['iface.initiatorname', 'initiator'] as const]) {
    const entry = record.get(name);
    if (entry !== undefined && entry.value !== '') found.say(entry.line, ['iscsi', adapter, key], entry.value);
  }
}

function tellDiscovery(found: Found, record: Record, adapter: string): void {
  const type = record.get('discovery.type')!;
  const server = addressIn(record, 'discovery.sendtargets.address', 'discovery.sendtargets.port');
  if (type.value !== 'sendtargets' || server === undefined) {
    found.unknown(type.line, 'Only servers that are asked by SendTargets are read.');
    return;
  }
  const key = ['iscsi', adapter, 'discovery', server];
  tellAdapter(found, type.line, adapter);
  found.say(type.line, [...key, 'present'], true);
  for (const suffix of ['', '_in']) {
    const user = record.get(`discovery.sendtargets.auth.username${suffix}`);
    if (user !== undefined && user.value !== '')
      tellParameter(found, user.line, key, `discovery.sendtargets.auth.username${suffix}`, user.value);
  }
}

/** iscsid.conf: what records are made with. */
function tellConfiguration(found: Found, record: Record, adapter: string): void {
  for (const [name, entry] of record) {
    if (!isTold(name)) {
      if (!BESIDE.test(name)) found.unknown(entry.line);
      continue;
    }
    tellAdapter(found, entry.line, adapter);
    const usual = PARAMETERS.find((one) => one.name === name)?.usual;
    if (tellParameter(found, entry.line, ['iscsi', adapter], name, entry.value) !== undefined) found.unknown(entry.line);
    else if (entry.value === usual) {
      const setting = PARAMETERS.find((one) => one.name === name)!.setting;
      found.say(entry.line, ['iscsi', adapter, 'settings', setting], found.value(['iscsi', adapter, 'settings', setting])!, true);
    }
  }
}
