/** All that is known of one switch, as tables. */
import type { Colors } from 'picocolors/types.js';
import type { SwitchPortReport, SwitchReport } from '../../device/network-report.ts';
import { paintedTable } from '../painted-table.ts';
import { count } from '../plain-text.ts';
import { byName, portTone, rateOrDash, treeText, vlansText } from './words.ts';

/** `tor2: the root of the spanning tree is tor1, behind port 47 at cost 200; 12 addresses learned`. */
export function switchHeading(
  { switch: name, spanningTree: tree, addresses }: SwitchReport,
  all: readonly SwitchReport[],
  colors: Colors,
): string {
  const learned = `${addresses.length} ${addresses.length === 1 ? 'address' : 'addresses'} learned`;
  if (tree === undefined) return `${colors.bold(name)}: no spanning tree; ${learned}\n`;
  const root = all.find((one) => one.spanningTree?.bridge === tree.root)?.switch ?? tree.root;
  const where =
    tree.rootPort === undefined
      ? 'is the root of the spanning tree'
      : `the root of the spanning tree is ${root}, behind port ${tree.rootPort} at cost ${tree.rootPathCost}`;
  return `${colors.bold(name)}${tree.rootPort === undefined ? ' ' : ': '}${where}; ${count(tree.topologyChanges, 'topology change')}; ${learned}\n`;
}

export function switchTables(one: SwitchReport, all: readonly SwitchReport[], colors: Colors): string {
  const tables = [
    switchHeading(one, all, colors),
    paintedTable(
      ['port', 'state', 'speed', 'VLANs', 'spanning tree', 'cost', 'frames in', 'out', 'bytes in', 'out', 'discards', 'errors'],
      one.ports.toSorted((a, b) => byName(a.port, b.port)).map((port) => ({ cells: portCells(port), tone: portTone(port) })),
      colors,
      [5, 6, 7, 8, 9, 10, 11],
    ),
    paintedTable(
      ['VLAN', 'MAC address', 'port', 'seen'],
      one.addresses
        .toSorted((a, b) => a.vlan - b.vlan || (a.mac < b.mac ? -1 : 1))
        .map(({ vlan, mac, port, ageSeconds }) => ({ cells: [String(vlan), mac, port, `${ageSeconds} s ago`], tone: 'plain' })),
      colors,
      [0],
    ),
    paintedTable(
      ['port', 'LLDP neighbour', 'chassis', 'its port'],
      one.neighbors.map(({ port, system, chassis, remotePort }) => ({ cells: [port, system ?? '-', chassis, remotePort], tone: 'plain' })),
      colors,
    ),
  ];
  return tables.filter((table) => table !== '').join('\n');
}

const portCells = (port: SwitchPortReport): string[] => {
  const { counters } = port;
  return [
    port.port,
    port.carrier ? 'up' : port.rateBitsPerSecond === undefined ? 'unplugged' : 'down',
    rateOrDash(port.rateBitsPerSecond),
    vlansText(port.vlans),
    treeText(port),
    port.pathCost === undefined ? '-' : String(port.pathCost),
    String(counters.ifInUcastPkts + counters.ifInMulticastPkts + counters.ifInBroadcastPkts),
    String(counters.ifOutUcastPkts + counters.ifOutMulticastPkts + counters.ifOutBroadcastPkts),
    String(counters.ifInOctets),
    String(counters.ifOutOctets),
    String(counters.ifInDiscards + counters.ifOutDiscards),
    String(counters.ifInErrors + counters.dot3StatsFrameTooLongs),
  ];
};
