/**
 * Metrics of links, ports of switches, machines' TCP, and ports to the world. Of thousands of links and ports most count hardly anything: a series
 * that would be zero is left out, as client libraries leave out labels that were never set.
 */
import type { Machine } from '../../device/machine.ts';
import { tcpCounters } from '../../inet/tcp/counters.ts';
import { linkText, placeText, type RunningNetwork } from '../../os/network/running-network.ts';
import type { AttachmentCounters } from '../../os/ports/attachment.ts';
import type { Link, LinkCounters } from '../../runtime/link.ts';
import type { PortCounters } from '../../link/port-counters.ts';
import type { BridgePort } from '../../link/bridge.ts';
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

const ENDS = [0, 1] as const;

function putSome(values: MetricValue[], value: number, sharedLabels: Labels, labels?: Labels): void {
  if (value !== 0) values.push(labels === undefined ? { value, sharedLabels } : { value, sharedLabels, labels });
}

export function networkMetrics(network: RunningNetwork): MetricFamily[] {
  return [...linkMetrics(network), ...portMetrics(network), ...tcpMetrics(network), ...attachmentMetrics(network)];
}

function linkMetrics(network: RunningNetwork): MetricFamily[] {
  // Not by way of reports, which would be made anew for each family.
  const links = network.network.links.map(({ plan, link }) => {
    const [one, other] = [placeText(plan.ends[0]), placeText(plan.ends[1])];
    const name = linkText(plan);
    const ends: readonly [Labels, Labels] = [
      { link: name, from: one, to: other },
      { link: name, from: other, to: one },
    ];
    return { link, labels: { link: name } as Labels, ends, rateBitsPerSecond: plan.rateBitsPerSecond };
  });
  const ofLinks = (value: (link: (typeof links)[number]) => number) => (): MetricValue[] =>
    links.map((link) => ({ value: value(link), sharedLabels: link.labels }));
  const ofEnds = (put: (values: MetricValue[], link: Link, end: 0 | 1, sharedLabels: Labels) => void) => (): MetricValue[] => {
    const values: MetricValue[] = [];
    for (const { link, ends } of links) for (const end of ENDS) put(values, link, end, ends[end]);
    return values;
  };
  const ofCounter = (name: keyof LinkCounters) =>
    ofEnds((values, link, end, sharedLabels) => putSome(values, link.counters(end)[name], sharedLabels));
  return [
    gauge(
      'link_up',
      'Whether the link is up.',
      ofLinks(({ link }) => Number(link.carrier)),
    ),
    gauge(
      'link_capacity_bytes_per_second',
      'Of each direction.',
      ofLinks(({ rateBitsPerSecond }) => rateBitsPerSecond / 8),
    ),
    counter('link_sent_bytes', 'Bytes of frames sent in a direction, without preamble, check sequence and gap.', ofCounter('bytes')),
    counter('link_sent_frames', 'Frames sent in a direction.', ofCounter('frames')),
    counter('link_congestion_marks', 'Packets marked for congestion (RFC 3168).', ofCounter('congestionMarks')),
    counter(
      'link_dropped_frames',
      'Frames that did not come out whole at the other end, by cause.',
      ofEnds((values, link, end, sharedLabels) => {
        const counters = link.counters(end);
        for (const [name, cause] of DROPS) putSome(values, counters[name], sharedLabels, cause);
      }),
    ),
    gauge(
      'link_waiting_bytes',
      'Bytes in the queue of an end.',
      ofEnds((values, link, end, sharedLabels) => putSome(values, link.waitingBytes(end), sharedLabels)),
    ),
  ];
}

const PORT_COUNTERS = [
  ['port_received_discards', 'ifInDiscards', 'Frames dropped on their way in, nothing being wrong with them.'],
  ['port_received_errors', 'ifInErrors', 'Frames received that could not be understood.'],
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
  const ofPorts = (put: (values: MetricValue[], port: BridgePort, sharedLabels: Labels) => void) => (): MetricValue[] => {
    const values: MetricValue[] = [];
    for (const { port, sharedLabels } of ports) put(values, port, sharedLabels);
    return values;
  };
  const ofCasts = (at: 0 | 1) =>
    ofPorts((values, { counters }, sharedLabels) => {
      for (const cast of CASTS) putSome(values, counters[cast[at]], sharedLabels, cast[2]);
    });
  // Whether it has a carrier and how many bytes pass it, its link tells.
  return [
    gauge(
      'port_forwarding',
      'Whether the port of the switch forwards; spanning tree may keep it from that.',
      ofPorts((values, { forwards }, sharedLabels) => values.push({ value: Number(forwards), sharedLabels })),
    ),
    ...PORT_COUNTERS.map(([name, counted, help]) =>
      counter(
        name,
        help,
        ofPorts((values, { counters }, sharedLabels) => putSome(values, counters[counted], sharedLabels)),
      ),
    ),
    counter('port_received_frames', 'Frames received by a port of a switch.', ofCasts(0)),
    counter('port_sent_frames', 'Frames sent by a port of a switch.', ofCasts(1)),
  ];
}

/** Each by the name that it has in the program, which comes from RFC 4022 where there is one. */
function tcpMetrics({ network: { machines } }: RunningNetwork): MetricFamily[] {
  const labelled = machines.map((machine) => ({ machine, sharedLabels: { machine: machine.name } }));
  const names = Object.keys(tcpCounters()) as (keyof ReturnType<typeof tcpCounters>)[];
  const ofMachines = (value: (machine: Machine) => number) => (): MetricValue[] => {
    const values: MetricValue[] = [];
    for (const { machine, sharedLabels } of labelled) putSome(values, value(machine), sharedLabels);
    return values;
  };
  return [
    gauge(
      'tcp_connections',
      'TCP connections that a machine of the fabric has.',
      ofMachines(({ tcp }) => tcp.connections.length),
    ),
    ...names.map((name) =>
      counter(
        `tcp_${snakeCase(name)}`,
        `TCP of a machine of the fabric: ${snakeCase(name).replaceAll('_', ' ')}.`,
        ofMachines(({ tcp }) => tcp.counters[name]),
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
