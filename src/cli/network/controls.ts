/** What can be asked of the network of a fabric that is up, over its control socket. */
import { type MachineReport, machineReport, type SwitchReport, switchReport } from '../../device/network-report.ts';
import type { Machine } from '../../device/machine.ts';
import type { PortPlace } from '../../fabric/network/plan.ts';
import { splitEnd } from '../../fabric/schema/link.ts';
import type { PingResult } from '../../inet/ping.ts';
import type { ControlHandler } from '../../os/control-socket.ts';
import { StreamedAnswer } from '../../os/control-stream.ts';
import type { AttachmentReport, LinkReport } from '../../os/network/link-report.ts';
import { placeText, type PublishedReady, type RunningCapture, type RunningNetwork } from '../../os/network/running-network.ts';
import { formatIp, type IpAddress, isLinkLocal, parseAddress } from '../../wire/ip/address.ts';
import { textOf } from '../host-controls.ts';
import { byName } from './words.ts';

export interface NetworkAnswer {
  readonly fabric: string;
  readonly machines: readonly MachineReport[];
  readonly switches: readonly SwitchReport[];
  readonly links: readonly LinkReport[];
  readonly attached: readonly AttachmentReport[];
  readonly published: readonly PublishedReady[];
}

export interface LinkAnswer {
  readonly fabric: string;
  readonly link: LinkReport;
}

export interface PingAnswer {
  readonly host: string;
  readonly address: string;
  readonly result: PingReport;
}

/** As `PingResult`, with addresses as text. */
export type PingReport =
  | { readonly kind: 'reply'; readonly nanos: number; readonly from: string; readonly hopLimit: number; readonly intact: boolean }
  | {
      readonly kind: 'error';
      readonly nanos: number;
      readonly from: string;
      readonly error: Extract<PingResult, { kind: 'error' }>['error'];
    }
  | { readonly kind: 'lost' }
  | { readonly kind: 'no-route' };

export const FAULT_KINDS = ['loss', 'corruption', 'duplication', 'reordering'] as const;

/** The most that fits into an IPv4 packet with ICMP's header. */
export const PING_BYTES_MAX = 65_507;
export const PING_WAIT_SECONDS_MAX = 30;
const HOP_LIMIT_MAX = 255;
const FRAMES_MAX = 1e12;

export function networkControls(fabric: string, running: RunningNetwork | undefined): Readonly<Record<string, ControlHandler>> {
  const present = (): RunningNetwork => {
    if (running === undefined) throw new Error(`The fabric ${fabric} has no network: nothing in it has a wire.`);
    return running;
  };
  return {
    'GET /network': (): NetworkAnswer => {
      const { network, clock, ready, links, attachments } = present();
      return {
        fabric,
        machines: network.machines.map(machineReport),
        switches: network.switches.map((one) => switchReport(one, clock.now())),
        links: links(),
        attached: attachments(),
        published: ready.published,
      };
    },
    'POST /network/capture': (body) => startCapture(present(), placeOf(present(), body), numberOf(body, 'count', 1, FRAMES_MAX)),
    'POST /network/link': (body): LinkAnswer => {
      const place = linkPlaceOf(present(), body);
      present().setLink(place, body['up'] === true);
      return { fabric, link: linkAt(present(), place)! };
    },
    'POST /network/faults': (body): LinkAnswer => {
      const place = linkPlaceOf(present(), body);
      present().setFaults(place, Object.fromEntries(FAULT_KINDS.map((kind) => [kind, numberOf(body, kind, 0, 1) ?? 0])));
      return { fabric, link: linkAt(present(), place)! };
    },
    'POST /network/ping': (body) => ping(present(), body),
  };
}

// ---- captures ----

function startCapture(running: RunningNetwork, place: PortPlace, framesMax: number | undefined): StreamedAnswer {
  if (linkAt(running, place) === undefined && attachmentAt(running, place) === undefined) throw nothingPlugged(place);
  return new StreamedAnswer('application/x-pcapng', (sink) => {
    let begun: RunningCapture | undefined;
    let frames = 0;
    begun = running.capture(place, (bytes) => {
      if (!sink.write(bytes)) return false;
      // What comes before the capture has begun is what every capture begins with.
      if (begun !== undefined && (frames += 1) === framesMax) sink.end();
      return true;
    });
    return () => {
      begun?.stop();
      return { frames, omitted: begun?.omitted ?? 0 };
    };
  });
}

// ---- links ----

function placeOf(running: RunningNetwork, body: Readonly<Record<string, unknown>>): PortPlace {
  const written = textOf(body, 'at') ?? '';
  const place = splitEnd(written);
  if (place === undefined) throw new Error(`\`${written}\` is no port: write a node and its port, such as \`esx1:nic0\` or \`tor1:1\`.`);
  if (running.network.port(place) !== undefined) return place;
  const ports = portsOf(running, place.node);
  if (ports.length === 0) throw new Error(`There is no ${place.node} in the network; there are ${nodesOf(running).join(', ')}.`);
  throw new Error(`${place.node} has no port ${place.port}; it has ${ports.toSorted(byName).join(', ')}.`);
}

const nodesOf = ({ network }: RunningNetwork): string[] => [...network.machines, ...network.switches].map(({ name }) => name);

const portsOf = ({ network }: RunningNetwork, node: string): string[] => [
  ...network.machines.filter(({ name }) => name === node).flatMap(({ nics }) => nics.map(({ name }) => name)),
  ...network.switches.filter(({ name }) => name === node).flatMap(({ bridge }) => bridge.ports.map(({ name }) => name)),
];

/** A port with a link of the fabric. */
function linkPlaceOf(running: RunningNetwork, body: Readonly<Record<string, unknown>>): PortPlace {
  const place = placeOf(running, body);
  if (linkAt(running, place) !== undefined) return place;
  const attached = attachmentAt(running, place);
  if (attached === undefined) throw nothingPlugged(place);
  throw new Error(`${attached.port} has no link of the fabric: ${attached.to} is plugged in there.`);
}

const nothingPlugged = (place: PortPlace): Error => new Error(`Nothing is plugged into ${placeText(place)}.`);

const attachmentAt = (running: RunningNetwork, place: PortPlace): AttachmentReport | undefined =>
  running.attachments().find(({ port }) => port === placeText(place));

const linkAt = (running: RunningNetwork, { node, port }: PortPlace): LinkReport | undefined =>
  running.links().find(({ ends }) => ends.some((end) => end.node === node && end.port === port));

// ---- ping ----

function ping(running: RunningNetwork, body: Readonly<Record<string, unknown>>): Promise<PingAnswer> {
  const [name, to] = [textOf(body, 'host') ?? '', textOf(body, 'to') ?? ''];
  const machine = machineOf(running, name);
  const destination = parseAddress(to) ?? addressOf(machine, machineOf(running, to));
  const options = {
    dataBytes: numberOf(body, 'bytes', 0, PING_BYTES_MAX),
    timeoutNanos: 1e9 * (numberOf(body, 'waitSeconds', 0, PING_WAIT_SECONDS_MAX) ?? 1),
    hopLimit: numberOf(body, 'hopLimit', 1, HOP_LIMIT_MAX),
  };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return new Promise((resolve) => {
    machine.pinger.ping(destination, given, (result) =>
      resolve({ host: machine.name, address: formatIp(destination), result: pingReport(result) }),
    );
  });
}

function machineOf({ network: { machines } }: RunningNetwork, name: string): Machine {
  const found = machines.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(`\`${name}\` is no host or array of the network; there are ${machines.map((one) => one.name).join(', ')}.`);
}

/** The address that is on a link of the one who asks, else one that a route leads to, else any. */
function addressOf(from: Machine, to: Machine): IpAddress {
  const all = to.host.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)).filter((one) => !isLinkLocal(one));
  const routeOf = (address: IpAddress) => from.host.routes.lookup(address);
  const best =
    all.find((address) => routeOf(address)?.via === undefined && routeOf(address) !== undefined) ??
    all.find((address) => routeOf(address) !== undefined) ??
    all[0];
  if (best === undefined) throw new Error(`${to.name} has no address.`);
  return best;
}

const pingReport = (result: PingResult): PingReport =>
  result.kind === 'reply' || result.kind === 'error' ? { ...result, from: formatIp(result.from) } : result;

function numberOf(body: Readonly<Record<string, unknown>>, key: string, least: number, most: number): number | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw new Error(`\`${key}\` is a number from ${least} to ${most}.`);
  return value;
}
