/** The network of a fabric: its tables, its links, what passes them. */
import { z } from 'zod';
import { type MachineReport, machineReport, type SwitchReport, switchReport } from '../../device/network-report.ts';
import type { Machine } from '../../device/machine.ts';
import type { PortPlace } from '../../fabric/network/plan.ts';
import { splitEnd } from '../../fabric/schema/link.ts';
import type { PingResult } from '../../inet/ping.ts';
import { StreamedAnswer } from '../../os/control-stream.ts';
import type { AttachmentReport, LinkReport } from '../../os/network/link-report.ts';
import type { CaptureOptions } from '../../runtime/capture.ts';
import {
  type AttachedReady,
  DELAY_NANOS_MAX,
  placeText,
  type PublishedReady,
  type RunningCapture,
  type RunningNetwork,
} from '../../os/network/running-network.ts';
import { formatIp, type IpAddress, isLinkLocal, parseAddress } from '../../wire/ip/address.ts';
import { NotFound, type Operation, operation, type Served } from './operation.ts';
import { nameInput, placeInput } from './words.ts';

export interface NetworkAnswer {
  readonly fabric: string;
  readonly machines: readonly MachineReport[];
  readonly switches: readonly SwitchReport[];
  readonly links: readonly LinkReport[];
  /** With what to type at the other end. */
  readonly attached: readonly (AttachmentReport & Pick<AttachedReady, 'hints'>)[];
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

const noInput = z.strictObject({});
const probability = z.number().min(0).max(1).describe('From 0 to 1; 0 where nothing is said.').optional();

const linkSchema = z.looseObject({
  up: z.boolean(),
  delayNanos: z.number(),
  ends: z.array(z.looseObject({ node: z.string(), port: z.string(), faults: z.record(z.string(), z.unknown()) })),
});
const linkAnswerSchema = z.object({ fabric: z.string(), link: linkSchema });

const pingSchema = z.object({
  host: z.string(),
  address: z.string(),
  result: z.looseObject({ kind: z.enum(['reply', 'error', 'lost', 'no-route']) }),
});

export const networkOperations: readonly Operation[] = [
  operation({
    method: 'GET',
    path: '/api/network',
    tag: 'network',
    summary: 'Machines, switches and links with all their tables and counters',
    input: noInput,
    answer: z.object({
      fabric: z.string(),
      machines: z.array(z.looseObject({ machine: z.string() })),
      switches: z.array(z.looseObject({ switch: z.string() })),
      links: z.array(linkSchema),
      attached: z.array(z.looseObject({ port: z.string(), to: z.string(), present: z.boolean(), hints: z.array(z.string()) })),
      published: z.array(z.object({ host: z.string(), listen: z.string(), to: z.string() })),
    }),
    act(served): NetworkAnswer {
      const { network, clock, ready, links, attachments } = present(served);
      return {
        fabric: served.fabric.name,
        machines: network.machines.map(machineReport),
        switches: network.switches.map((one) => switchReport(one, clock.now())),
        links: links(),
        attached: attachments().map((one) => ({ ...one, hints: ready.attached.find(({ port }) => port === one.port)?.hints ?? [] })),
        published: ready.published,
      };
    },
  }),
  operation({
    method: 'GET',
    path: '/api/network/link',
    tag: 'network',
    summary: 'One link with all its counters',
    input: z.strictObject({ at: placeInput() }),
    example: { at: 'tor1:1' },
    answer: linkAnswerSchema,
    act: (served, { at }) => linkAnswer(served, linkPlaceOf(present(served), at)),
  }),
  operation({
    method: 'POST',
    path: '/api/network/link',
    tag: 'network',
    summary: 'Cut or mend a link',
    input: z.strictObject({ at: placeInput(), up: z.boolean().describe('False cuts it, true mends it.') }),
    example: { at: 'tor1:1', up: false },
    answer: linkAnswerSchema,
    act: (served, { at, up }) => changeLink(served, at, (running, place) => running.setLink(place, up)),
  }),
  operation({
    method: 'POST',
    path: '/api/network/faults',
    tag: 'network',
    summary: 'Set what a link does to frames, in both directions',
    input: z.strictObject({
      at: placeInput(),
      loss: probability,
      corruption: probability,
      duplication: probability,
      reordering: probability,
    }),
    example: { at: 'tor1:1', loss: 0.01 },
    answer: linkAnswerSchema,
    act: (served, { at, ...faults }) =>
      changeLink(served, at, (running, place) =>
        running.setFaults(place, Object.fromEntries(FAULT_KINDS.map((kind) => [kind, faults[kind] ?? 0]))),
      ),
  }),
  operation({
    method: 'POST',
    path: '/api/network/delay',
    tag: 'network',
    summary: 'Set how long a link takes from one end to the other',
    input: z.strictObject({ at: placeInput(), delayNanos: z.int().min(0).max(DELAY_NANOS_MAX) }),
    example: { at: 'tor1:1', delayNanos: 1_000_000 },
    answer: linkAnswerSchema,
    act: (served, { at, delayNanos }) => changeLink(served, at, (running, place) => running.setDelay(place, delayNanos)),
  }),
  operation({
    method: 'POST',
    path: '/api/network/capture',
    tag: 'network',
    summary: 'What passes a port, as pcapng, for as long as it is read',
    description:
      'The answer goes on until `count` frames have come, its reader goes away, or POST /api/streams/stop names the number of its header `samewire-stream`. Its trailer `samewire-summary` has the counts of frames, as JSON.',
    input: z.strictObject({
      at: placeInput(),
      count: z.int().min(1).max(FRAMES_MAX).describe('Frames after which it ends.').optional(),
      headersOnly: z.boolean().describe('Frames are cut behind their headers: nothing of what people sent is kept.').optional(),
    }),
    example: { at: 'tor1:1', count: 100 },
    answer: undefined,
    mediaType: 'application/x-pcapng',
    act: (served, { at, count, headersOnly }) => startCapture(present(served), placeOf(present(served), at), count, { headersOnly }),
  }),
  operation({
    method: 'POST',
    path: '/api/network/ping',
    tag: 'network',
    summary: 'An echo request from one machine to another',
    input: z.strictObject({
      host: nameInput().describe('Who asks.'),
      to: nameInput().describe('Who is asked: a machine, or an address.'),
      bytes: z.int().min(0).max(PING_BYTES_MAX).describe('Of data.').optional(),
      waitSeconds: z.number().min(0).max(PING_WAIT_SECONDS_MAX).describe('1 where nothing is said.').optional(),
      hopLimit: z.int().min(1).max(HOP_LIMIT_MAX).optional(),
    }),
    example: { host: 'esx1', to: 'array1' },
    answer: pingSchema,
    act: (served, input) => ping(present(served), input),
  }),
];

function present({ fabric: { name, network } }: Served): RunningNetwork {
  if (network === undefined) throw new NotFound(`The fabric ${name} has no network: nothing in it has a wire.`);
  return network;
}

// ---- captures ----

function startCapture(running: RunningNetwork, place: PortPlace, framesMax: number | undefined, options: CaptureOptions): StreamedAnswer {
  if (running.link(place) === undefined && attachmentAt(running, place) === undefined) throw nothingPlugged(place);
  return new StreamedAnswer('application/x-pcapng', (sink) => {
    let begun: RunningCapture | undefined;
    let frames = 0;
    begun = running.capture(
      place,
      (bytes) => {
        if (!sink.write(bytes)) return false;
        // What comes before the capture has begun is what every capture begins with.
        if (begun !== undefined && (frames += 1) === framesMax) sink.end();
        return true;
      },
      options,
    );
    return () => {
      begun?.stop();
      return { frames, omitted: begun?.omitted ?? 0 };
    };
  });
}

// ---- links ----

function changeLink(served: Served, at: string, change: (running: RunningNetwork, place: PortPlace) => void): LinkAnswer {
  const running = present(served);
  const place = linkPlaceOf(running, at);
  change(running, place);
  return linkAnswer(served, place);
}

const linkAnswer = (served: Served, place: PortPlace): LinkAnswer => ({
  fabric: served.fabric.name,
  link: present(served).link(place)!,
});

function placeOf(running: RunningNetwork, written: string): PortPlace {
  const place = splitEnd(written);
  if (place === undefined) throw new Error(`\`${written}\` is no port: write a node and its port, such as \`esx1:nic0\` or \`tor1:1\`.`);
  if (running.network.port(place) !== undefined) return place;
  const ports = portsOf(running, place.node);
  if (ports.length === 0) throw new NotFound(`There is no ${place.node} in the network; there are ${nodesOf(running).join(', ')}.`);
  throw new NotFound(
    `${place.node} has no port ${place.port}; it has ${ports.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).join(', ')}.`,
  );
}

const nodesOf = ({ network }: RunningNetwork): string[] => [...network.machines, ...network.switches].map(({ name }) => name);

const portsOf = ({ network }: RunningNetwork, node: string): string[] => [
  ...network.machines.filter(({ name }) => name === node).flatMap(({ nics }) => nics.map(({ name }) => name)),
  ...network.switches.filter(({ name }) => name === node).flatMap(({ bridge }) => bridge.ports.map(({ name }) => name)),
];

/** A port with a link of the fabric. */
function linkPlaceOf(running: RunningNetwork, written: string): PortPlace {
  const place = placeOf(running, written);
  if (running.link(place) !== undefined) return place;
  const attached = attachmentAt(running, place);
  if (attached === undefined) throw nothingPlugged(place);
  throw new Error(`${attached.port} has no link of the fabric: ${attached.to} is plugged in there.`);
}

const nothingPlugged = (place: PortPlace): Error => new Error(`Nothing is plugged into ${placeText(place)}.`);

const attachmentAt = (running: RunningNetwork, place: PortPlace): AttachmentReport | undefined =>
  running.attachments().find(({ port }) => port === placeText(place));

// ---- ping ----

interface PingInput {
  readonly host: string;
  readonly to: string;
  readonly bytes?: number | undefined;
  readonly waitSeconds?: number | undefined;
  readonly hopLimit?: number | undefined;
}

function ping(running: RunningNetwork, { host, to, bytes, waitSeconds = 1, hopLimit }: PingInput): Promise<PingAnswer> {
  const machine = machineOf(running, host);
  const destination = parseAddress(to) ?? addressOf(machine, machineOf(running, to));
  const options = { dataBytes: bytes, timeoutNanos: 1e9 * waitSeconds, hopLimit };
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
  throw new NotFound(`\`${name}\` is no host or array of the network; there are ${machines.map((one) => one.name).join(', ')}.`);
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
