/** Metrics of links, ports of switches, machines' TCP, and ports to the world. */
import { tcpCounters } from '../../inet/tcp/counters.ts';
import type { LinkEndReport } from '../../os/network/link-report.ts';
import { placeText, type RunningNetwork } from '../../os/network/running-network.ts';
import type { AttachmentCounters } from '../../os/ports/attachment.ts';
import type { LinkCounters } from '../../runtime/link.ts';
import type { PortCounters } from '../../link/port-counters.ts';
import type { BridgePort } from '../../link/bridge.ts';
import { linkName } from '../view/topology-of.ts';
import { counter, gauge, type Labels, type MetricFamily, type MetricValue, snakeCase } from './family.ts';

/** Labels of the causes, made once. */
const DROPS = (
  [
    ['queueDrops', 'queue full'],
    ['giants', 'too long'],
    ['lost', 'lost'],
    ['corrupted', 'corrupted'],
    ['carrierDrops', 'link down'],
    ['cutShort', 'cut short'],
  ] as const satisfies readonly (readonly [keyof LinkCounters, string])[]
).map(([counted, cause]) => [counted, { cause }] as const);

export function networkMetrics(network: RunningNetwork): MetricFamily[] {
  return [...linkMetrics(network), ...portMetrics(network), ...tcpMetrics(network), ...attachmentMetrics(network)];
}

function linkMetrics(network: RunningNetwork): MetricFamily[] {
  const labels = network.links().map(({ ends }): { readonly link: Labels; readonly ends: readonly [Labels, Labels] } => {
    const link = linkName(ends);
    const [one, other] = [placeText(ends[0]), placeText(ends[1])];
    return {
      link: { link },
      ends: [
        { link, from: one, to: other },
        { link, from: other, to: one },
      ],
    };
  });
  const ofLinks = (value: (link: ReturnType<RunningNetwork['links']>[number]) => number) => (): MetricValue[] =>
    network.links().map((link, index) => ({ value: value(link), sharedLabels: labels[index]!.link }));
  const ofEnds = (values: (end: LinkEndReport, sharedLabels: Labels) => MetricValue | readonly MetricValue[]) => (): MetricValue[] =>
    network.links().flatMap(({ ends }, index) => ends.flatMap((end, at) => values(end, labels[index]!.ends[at]!)));
  return [
    gauge(
      'link_up',
      'Whether the link is up.',
      ofLinks(({ up }) => Number(up)),
    ),
    gauge(
      'link_capacity_bytes_per_second',
      'Of each direction.',
      ofLinks(({ rateBitsPerSecond }) => rateBitsPerSecond / 8),
    ),
    counter(
      'link_sent_bytes',
      'Bytes of frames sent in a direction, without preamble, check sequence and gap.',
      ofEnds((end, sharedLabels) => ({ value: end.counters.bytes, sharedLabels })),
    ),
    counter(
      'link_sent_frames',
      'Frames sent in a direction.',
      ofEnds((end, sharedLabels) => ({ value: end.counters.frames, sharedLabels })),
    ),
    counter(
      'link_congestion_marks',
      'Packets marked for congestion (RFC 3168).',
      ofEnds((end, sharedLabels) => ({ value: end.counters.congestionMarks, sharedLabels })),
    ),
    counter(
      'link_dropped_frames',
      'Frames that did not come out whole at the other end, by cause.',
      ofEnds((end, sharedLabels) => DROPS.map(([name, cause]) => ({ value: end.counters[name], sharedLabels, labels: cause }))),
    ),
    gauge(
      'link_waiting_bytes',
      'Bytes in the queue of an end.',
      ofEnds((end, sharedLabels) => ({ value: end.waitingBytes, sharedLabels })),
    ),
  ];
}

const PORT_COUNTERS = [
  ['port_received_bytes', 'ifInOctets', 'Bytes received by a port of a switch.'],
  ['port_received_discards', 'ifInDiscards', 'Frames dropped on their way in, nothing being wrong with them.'],
  ['port_received_errors', 'ifInErrors', 'Frames received that could not be understood.'],
  ['port_sent_bytes', 'ifOutOctets', 'Bytes sent by a port of a switch.'],
  ['port_sent_discards', 'ifOutDiscards', 'Frames dropped on their way out.'],
] as const satisfies readonly (readonly [string, keyof PortCounters, string])[];

const CASTS = [
  ['ifInUcastPkts', 'ifOutUcastPkts', { cast: 'unicast' }],
  ['ifInMulticastPkts', 'ifOutMulticastPkts', { cast: 'multicast' }],
  ['ifInBroadcastPkts', 'ifOutBroadcastPkts', { cast: 'broadcast' }],
] as const satisfies readonly (readonly [keyof PortCounters, keyof PortCounters, Labels])[];

function portMetrics({ network: { switches } }: RunningNetwork): MetricFamily[] {
  const ports = switches.flatMap(({ name, bridge }) =>
    bridge.ports.map((port) => ({ port, sharedLabels: { switch: name, port: port.name } })),
  );
  const ofPorts = (values: (port: BridgePort) => readonly Omit<MetricValue, 'sharedLabels'>[]) => (): MetricValue[] =>
    ports.flatMap(({ port, sharedLabels }) => values(port).map((value) => ({ ...value, sharedLabels })));
  return [
    gauge(
      'port_up',
      'Whether the port of the switch has a carrier.',
      ofPorts(({ wire }) => [{ value: Number(wire?.carrier === true) }]),
    ),
    gauge(
      'port_forwarding',
      'Whether the port forwards; spanning tree may keep it from that.',
      ofPorts(({ forwards }) => [{ value: Number(forwards) }]),
    ),
    ...PORT_COUNTERS.map(([name, counted, help]) =>
      counter(
        name,
        help,
        ofPorts(({ counters }) => [{ value: counters[counted] }]),
      ),
    ),
    counter(
      'port_received_frames',
      'Frames received by a port of a switch.',
      ofPorts(({ counters }) => CASTS.map(([counted, , labels]) => ({ value: counters[counted], labels }))),
    ),
    counter(
      'port_sent_frames',
      'Frames sent by a port of a switch.',
      ofPorts(({ counters }) => CASTS.map(([, counted, labels]) => ({ value: counters[counted], labels }))),
    ),
  ];
}

/** Each by the name that it has in the program, which comes from RFC 4022 where there is one. */
function tcpMetrics({ network: { machines } }: RunningNetwork): MetricFamily[] {
  const labelled = machines.map((machine) => ({ machine, sharedLabels: { machine: machine.name } }));
  const names = Object.keys(tcpCounters()) as (keyof ReturnType<typeof tcpCounters>)[];
  return [
    gauge('tcp_connections', 'TCP connections that a machine of the fabric has.', () =>
      labelled.map(({ machine, sharedLabels }) => ({ value: machine.tcp.connections.length, sharedLabels })),
    ),
    ...names.map((name) =>
      counter(`tcp_${snakeCase(name)}`, `TCP of a machine of the fabric: ${snakeCase(name).replaceAll('_', ' ')}.`, () =>
        labelled.map(({ machine, sharedLabels }) => ({ value: machine.tcp.counters[name], sharedLabels })),
      ),
    ),
  ];
}

const WORLD_COUNTERS = [
  ['world_received_frames', 'framesIn', 'Frames that came from the world by a port.'],
  ['world_received_bytes', 'bytesIn', 'Bytes that came from the world by a port.'],
  ['world_sent_frames', 'framesOut', 'Frames that a port sent to the world.'],
  ['world_sent_bytes', 'bytesOut', 'Bytes that a port sent to the world.'],
  ['world_received_drops', 'dropsIn', 'Frames from the world that were lost before they were read.'],
  ['world_sent_drops', 'dropsOut', 'Frames that the world did not take.'],
] as const satisfies readonly (readonly [string, keyof AttachmentCounters, string])[];

const attachmentMetrics = (network: RunningNetwork): MetricFamily[] => [
  gauge('world_present', 'Whether somebody is plugged into a port for the world.', () =>
    network.attachments().map(({ port, present }) => ({ value: Number(present), labels: { port } })),
  ),
  ...WORLD_COUNTERS.map(([name, counted, help]) =>
    counter(name, help, () => network.attachments().map(({ port, counters }) => ({ value: counters[counted], labels: { port } }))),
  ),
];
