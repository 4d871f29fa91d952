/** All that is known of one machine on the wire, as tables. */
import type { Colors } from 'picocolors/types.js';
import type { ConnectionReport, InterfaceReport, MachineReport, NeighborReport } from '../../device/network-report.ts';
import type { Tone } from '../host-words.ts';
import { sizeText } from '../iscsi/words.ts';
import { paintedTable } from '../painted-table.ts';
import { millisecondsText, NIC_HEADINGS, nicRow } from './words.ts';

export function machineTables(machine: MachineReport, colors: Colors): string {
  const { ports, neighbors, routes, connections, leases } = machine;
  const tables = [
    paintedTable(
      NIC_HEADINGS,
      ports.map((port) => nicRow(machine, port)),
      colors,
    ),
    paintedTable(
      ['interface', 'frames in', 'out', 'bytes in', 'out', 'for others', 'malformed', 'no carrier'],
      ports.flatMap(({ interfaces }) => interfaces.map((one) => ({ cells: counterCells(one), tone: 'plain' as const }))),
      colors,
      [1, 2, 3, 4, 5, 6, 7],
    ),
    paintedTable(
      ['neighbour', 'MAC address', 'interface', 'state'],
      neighbors.map((one) => ({ cells: [one.address, one.mac ?? '-', one.interface, one.state], tone: neighborTone(one) })),
      colors,
    ),
    paintedTable(
      ['route', 'via', 'interface', 'metric'],
      routes.map(({ to, via, interface: out, metric }) => ({
        cells: [to.endsWith('/0') ? 'default' : to, via ?? 'on the link', out, String(metric)],
        tone: 'plain',
      })),
      colors,
    ),
    paintedTable(
      CONNECTION_HEADINGS,
      connections.map((one) => ({ cells: connectionCells(one), tone: connectionTone(one) })),
      colors,
      [4, 5, 6, 7, 8, 9, 10],
    ),
    paintedTable(
      ['lease', 'MAC address', 'interface', 'for'],
      leases.map(({ address, mac, interface: on, secondsLeft }) => ({ cells: [address, mac, on, `${secondsLeft} s`], tone: 'plain' })),
      colors,
    ),
  ];
  return tables.filter((table) => table !== '').join('\n');
}

const counterCells = ({ interface: name, counters }: InterfaceReport): string[] => [
  name,
  ...[
    counters.framesIn,
    counters.framesOut,
    counters.bytesIn,
    counters.bytesOut,
    counters.ignored,
    counters.malformed,
    counters.dropsOut,
  ].map(String),
];

const neighborTone = ({ state }: NeighborReport): Tone => (state === 'reachable' ? 'good' : state === 'incomplete' ? 'bad' : 'plain');

/** Round trip and window as `ss -i` has them; what waits, as Recv-Q and Send-Q. */
const CONNECTION_HEADINGS = [
  'TCP connection',
  'peer',
  'state',
  'control',
  'RTT ms',
  'RTO ms',
  'cwnd',
  'MSS',
  'received',
  'sent',
  'unacked',
];

const connectionCells = (one: ConnectionReport): string[] => [
  one.local,
  one.remote,
  one.state,
  `${one.congestionControl}${one.phase === 'open' ? '' : ` ${one.phase}`}`,
  millisecondsText(one.roundTripNanos),
  millisecondsText(one.timeoutNanos),
  String(Math.floor(one.congestionWindowBytes / Math.max(1, one.segmentBytes))),
  String(one.segmentBytes),
  sizeText(one.bytesReceived),
  sizeText(one.bytesSent),
  String(one.unacknowledgedBytes),
];

const connectionTone = ({ state, phase }: ConnectionReport): Tone =>
  state !== 'established' ? 'plain' : phase === 'open' ? 'good' : 'busy';
