/**
 * Packet scripts in the manner of packetdrill: a TCP of ours at one end of a link, and at the other whoever the script wants. `<` is a segment that
 * is sent to it, `>` one it must send; sequence numbers count from each side's SYN.
 *
 *     < S 0:0(0) win 1000 <mss 1460>
 *     > S. 0:0(0) ack 1
 */
import type { Port, Wire } from '../../../base/port.ts';
import { MILLISECOND } from '../../../base/clock.ts';
import { seededRng } from '../../../base/rng.ts';
import type { FabricEvent } from '../../../base/event.ts';
import { be16 } from '../../../base/bytes.ts';
import { VirtualClock } from '../../../runtime/virtual-clock.ts';
import { TYPE_ARP, TYPE_IPV4 } from '../../../wire/ethernet/frame.ts';
import { address } from '../../../wire/ip/address.ts';
import { sumWords } from '../../../wire/ip/checksum.ts';
import { decodeIpv4, encodeIpv4, PROTOCOL_TCP } from '../../../wire/ip/ipv4.ts';
import { decodeTcp, putTcp, putTcpOptions, sealTcp, type Tcp, tcpOptionBytes, tcpOptions } from '../../../wire/ip/tcp.ts';
import { InetHost } from '../../host.ts';
import { Icmp } from '../../icmp.ts';
import { arpReply } from '../../resolution-frames.ts';
import type { InetInterface } from '../../interface.ts';
import type { TcpSettings } from '../settings.ts';
import { TcpStack } from '../stack.ts';
import { pattern } from './tcp-pair.ts';

const OUR_MAC = 0x0200_0000_0001;
const THEIR_MAC = 0x0200_0000_0002;
const OURS = address('192.0.2.1');
export const THEIRS = address('192.0.2.2');
const FLAGS = 'FSRP.UEW';
export const THEIR_PORT = 5000;
/** Where the script's numbers begin on the wire: not at 0, and the peer's wrap early. */
const THEIR_INITIAL = 0xffff_fff0;

export interface ScriptOptions {
  readonly tcp?: Partial<TcpSettings>;
}

/** A segment as a script writes it, `S. 0:0(0) ack 1 win 1000`; which parts are said depends on what the line is compared with. */
interface Written {
  readonly flags: string;
  readonly start: number;
  readonly bytes: number;
  readonly ack: number | undefined;
  readonly win: number | undefined;
  readonly urgent: number | undefined;
  readonly options: ReadonlyMap<string, readonly number[]>;
}

const LINE = /^([FSRP.UEW]+) (-?\d+):(-?\d+)\((\d+)\)(?: ack (-?\d+))?(?: win (\d+))?(?: urg (\d+))?(?: <(.*)>)?$/;

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

function parse(line: string): Written {
  const match = LINE.exec(line.trim());
  if (match === null) throw new Error(`not a segment: ${line}`);
  const options = new Map<string, readonly number[]>();
  for (const option of match[8]?.split(',') ?? []) {
    const [name, ...values] = option.trim().split(/[ :]/);
    options.set(name!, [...(options.get(name!) ?? []), ...values.map(Number)]);
  }
  const bytes = Number(match[4]);
  if (Number(match[3]) - Number(match[2]) !== bytes) throw new Error(`the range does not match the length: ${line}`);
  return {
    flags: match[1]!,
    start: Number(match[2]),
    bytes,
    ack: numberOf(match[5]),
    win: numberOf(match[6]),
    urgent: numberOf(match[7]),
    options,
  };
}

export class Script implements Port {
  readonly name = 'script';
  wire: Wire | undefined = undefined;
  readonly clock = new VirtualClock();
  readonly events: FabricEvent[] = [];
  readonly host: InetHost;
  readonly stack: TcpStack;
  readonly icmp: Icmp;
  readonly #nic: InetInterface;
  #sent: { readonly tcp: Tcp; readonly frame: Uint8Array; readonly trafficClass: number }[] = [];
  #ourInitial: number | undefined;
  ourPort = 80;
  theirPort = THEIR_PORT;
  /** The last timestamp that came from our end. */
  stamp = 0;
  /** Of the last segment that was compared. */
  trafficClass = 0;

  constructor(options: ScriptOptions = {}) {
    const { clock } = this;
    this.host = new InetHost('script', { clock, rng: seededRng(5), events: (event) => this.events.push(event) });
    this.#nic = this.host.addInterface({ name: 'nic0', mac: OUR_MAC, mtuBytes: 1500, vlan: undefined });
    this.host.addAddress(this.#nic, OURS, 24);
    this.icmp = new Icmp(this.host);
    this.stack = new TcpStack(this.host, { ecn: false, timestamps: false, windowScaling: false, sack: false, ...options.tcp });
    this.#nic.wire = { rateBitsPerSecond: 1e9, carrier: true, transmit: (frame) => this.handleFrame(frame) };
  }

  handleCarrier(): void {}

  /** What our end sends. */
  handleFrame(frame: Uint8Array): void {
    if (be16(frame, 12) === TYPE_ARP) {
      if (frame[21] === 1) this.clock.after(0, () => this.#nic.handleFrame(arpReply(this.#nic, THEIR_MAC, THEIRS, OUR_MAC, OURS)));
      return;
    }
    if (be16(frame, 12) !== TYPE_IPV4) return;
    const ip = decodeIpv4(frame, 14);
    if (ip.protocol !== PROTOCOL_TCP) return;
    const sum = this.#addressSum + PROTOCOL_TCP + (ip.payloadEnd - ip.payloadAt);
    const tcp = decodeTcp(frame, ip.payloadAt, ip.payloadEnd, sum);
    if ((tcp.flags & 2) !== 0) {
      this.#ourInitial = tcp.sequence;
      this.ourPort = tcp.sourcePort;
    }
    if (tcp.options.hasTimestamps) this.stamp = tcp.options.timestamp;
    this.#sent.push({ tcp, frame, trafficClass: ip.trafficClass });
  }

  get #addressSum(): number {
    return sumWords(OURS, 0, 4) + sumWords(THEIRS, 0, 4);
  }

  /** A new connection: numbers count anew. */
  forget(theirPort: number): void {
    this.#ourInitial = undefined;
    this.theirPort = theirPort;
    this.#sent = [];
  }

  get ourInitial(): number {
    return this.#ourInitial ?? 0;
  }

  /** Runs lines; `+0.2` lets so many seconds pass. */
  run(text: string): void {
    for (const line of text.split('\n').map((one) => one.trim())) {
      if (line === '' || line.startsWith('#')) continue;
      if (line.startsWith('+')) this.clock.run(this.clock.now() + Math.round(Number(line.slice(1)) * 1e9));
      else if (line.startsWith('<')) this.send(line.slice(1));
      else if (line === '> nothing') this.#expectNothing();
      else if (line.startsWith('>')) this.#expect(line.slice(1).trim());
      else throw new Error(`no line of a script: ${line}`);
    }
  }

  #settle(): void {
    this.clock.run(this.clock.now() + 10_000);
  }

  send(line: string, trafficClass = 0): void {
    this.#settle();
    const { flags, start, bytes, ack, win, urgent, options } = parse(line);
    const written = tcpOptions();
    written.segmentBytesMax = options.get('mss')?.[0] ?? -1;
    written.windowScale = options.get('wscale')?.[0] ?? -1;
    written.sackPermitted = options.has('sackOK');
    const sack = options.get('sack') ?? [];
    sack.forEach((edge, index) => {
      written.sackEdges[index] = this.ourInitial + edge;
    });
    written.sackBlocks = sack.length / 2;
    const stamps = options.get('TS');
    if (stamps !== undefined) {
      written.hasTimestamps = true;
      written.timestamp = stamps[0]!;
      written.timestampEcho = stamps[1] ?? this.stamp;
    }
    const headerBytes = 20 + tcpOptionBytes(written);
    const frame = new Uint8Array(14 + 20 + headerBytes + bytes);
    let bits = 0;
    for (const flag of flags) bits |= 1 << FLAGS.indexOf(flag);
    const sequence = (THEIR_INITIAL + start) >>> 0;
    const acknowledgment = ack === undefined ? 0 : (this.ourInitial + ack) >>> 0;
    const { ourPort, theirPort } = this;
    putTcp(frame, 34, theirPort, ourPort, sequence, acknowledgment, headerBytes, bits, win ?? 65_535, urgent ?? 0);
    putTcpOptions(written, frame, 54);
    frame.set(pattern(bytes + Math.max(0, start)).subarray(Math.max(0, start), Math.max(0, start) + bytes), 34 + headerBytes);
    sealTcp(frame, 34, frame.length, this.#addressSum + PROTOCOL_TCP + headerBytes + bytes);
    const ip = { timeToLive: 64, protocol: PROTOCOL_TCP, source: THEIRS, destination: OURS, trafficClass };
    encodeIpv4(ip, headerBytes + bytes, frame, 14);
    this.#nic.putLinkHeader(frame, OUR_MAC, TYPE_IPV4);
    this.#nic.handleFrame(frame);
    this.#settle();
  }

  /** What came of our end and was not compared yet, as lines. */
  take(): string[] {
    this.#settle();
    return this.#sent.splice(0).map(({ tcp }) => this.#describe(tcp));
  }

  /** The frames themselves. */
  takeFrames(): Uint8Array[] {
    return this.#sent.splice(0).map(({ frame }) => frame);
  }

  #describe(tcp: Tcp): string {
    const flags = [...FLAGS].filter((_, bit) => (tcp.flags & (1 << bit)) !== 0).join('');
    const bytes = tcp.payloadEnd - tcp.payloadAt;
    const start = this.#ourInitial === undefined ? tcp.sequence : (tcp.sequence - this.#ourInitial) | 0;
    const parts = [`${flags} ${start}:${start + bytes}(${bytes})`];
    if (flags.includes('.')) parts.push(`ack ${(tcp.acknowledgment - THEIR_INITIAL) | 0}`);
    parts.push(`win ${tcp.window}`);
    if (flags.includes('U')) parts.push(`urg ${tcp.urgentPointer}`);
    const { options } = tcp;
    const words: string[] = [];
    if (options.segmentBytesMax !== -1) words.push(`mss ${options.segmentBytesMax}`);
    if (options.sackPermitted) words.push('sackOK');
    if (options.hasTimestamps) words.push('TS');
    if (options.windowScale !== -1) words.push(`wscale ${options.windowScale}`);
    for (let block = 0; block < options.sackBlocks; block += 1) {
      const [left, right] = [options.sackEdges[block * 2]!, options.sackEdges[block * 2 + 1]!];
      words.push(`sack ${(left - THEIR_INITIAL) | 0}:${(right - THEIR_INITIAL) | 0}`);
    }
    if (words.length !== 0) parts.push(`<${words.join(',')}>`);
    return parts.join(' ');
  }

  #expectNothing(): void {
    const sent = this.take();
    if (sent.length !== 0)
      throw new Error(`at ${this.clock.now() / MILLISECOND} ms nothing was expected, but there came\n${sent.join('\n')}`);
  }

  /** What the line does not say of window and options is not compared. */
  #expect(line: string): void {
    this.#settle();
    const [next] = this.#sent;
    const came = next === undefined ? 'nothing' : this.#describe(next.tcp);
    if (next !== undefined) this.trafficClass = next.trafficClass;
    this.#sent.shift();
    let compared = came;
    if (!line.includes('<')) compared = compared.replace(/ <.*>$/, '');
    if (!line.includes(' win ')) compared = compared.replace(/ win \d+/, '');
    if (compared !== line) throw new Error(`at ${this.clock.now() / MILLISECOND} ms expected\n${line}\nbut there came\n${came}`);
  }
}
