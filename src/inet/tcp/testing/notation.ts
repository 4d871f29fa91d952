/**
 * Segments as scripts write them, in the manner of packetdrill, `S. 0:0(0) ack 1 win 1000 <mss 1460>`: sequence numbers count from each side's
 * SYN. `ScriptEnd` is the end of a connection that a script plays: it makes frames of lines, and lines of frames.
 */
import { TYPE_IPV4, putEthernet } from '../../../wire/ethernet/frame.ts';
import type { Mac } from '../../../wire/ethernet/mac.ts';
import { address, type IpAddress } from '../../../wire/ip/address.ts';
import { sumWords } from '../../../wire/ip/checksum.ts';
import { decodeIpv4, encodeIpv4, PROTOCOL_TCP } from '../../../wire/ip/ipv4.ts';
import {
  decodeTcp,
  putTcp,
  putTcpOptions,
  sealTcp,
  SYN,
  type Tcp,
  tcpOptionBytes,
  type TcpOptions,
  tcpOptions,
} from '../../../wire/ip/tcp.ts';
import { pattern } from './tcp-pair.ts';

/** Whom a script tries, and whom it plays. */
export const OUR_MAC: Mac = 0x0200_0000_0001;
export const THEIR_MAC: Mac = 0x0200_0000_0002;
export const OURS = address('192.0.2.1');
export const THEIRS = address('192.0.2.2');

const FLAGS = 'FSRP.UEW';
/** Where the script's numbers begin on the wire: not at 0, and the peer's wrap early. */
const THEIR_INITIAL = 0xffff_fff0;

/** A line; which parts are said depends on what it is compared with. */
export interface Written {
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

export function parseSegment(line: string): Written {
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

/** True: the segment, described, is what the line says; what the line does not say of window and options is not compared. */
export function fits(described: string, line: string): boolean {
  let compared = described;
  if (!line.includes('<')) compared = compared.replace(/ <.*>$/, '');
  if (!line.includes(' win ')) compared = compared.replace(/ win \d+/, '');
  return compared === line;
}

/** What a line can't say. */
export interface Unusual {
  readonly trafficClass?: number;
  /** Bytes of options instead of those of the line; a multiple of four. */
  readonly options?: Uint8Array;
  readonly source?: IpAddress;
  readonly destination?: IpAddress;
}

export class ScriptEnd {
  ourPort = 80;
  theirPort: number;
  /** The last timestamp that came. */
  stamp = 0;
  #ourInitial: number | undefined;

  constructor(theirPort: number) {
    this.theirPort = theirPort;
  }

  get ourInitial(): number {
    return this.#ourInitial ?? 0;
  }

  /** A new connection: numbers count anew. */
  forget(theirPort: number): void {
    this.#ourInitial = undefined;
    this.theirPort = theirPort;
  }

  /** A line as a frame. */
  frame(line: string, unusual: Unusual = {}): Uint8Array {
    const { flags, start, bytes, ack, win, urgent, options } = parseSegment(line);
    const written = this.#optionsOf(options);
    const headerBytes = 20 + (unusual.options?.length ?? tcpOptionBytes(written));
    const frame = new Uint8Array(14 + 20 + headerBytes + bytes);
    let bits = 0;
    for (const flag of flags) bits |= 1 << FLAGS.indexOf(flag);
    const sequence = (THEIR_INITIAL + start) >>> 0;
    const acknowledgment = ack === undefined ? 0 : (this.ourInitial + ack) >>> 0;
    putTcp(frame, 34, this.theirPort, this.ourPort, sequence, acknowledgment, headerBytes, bits, win ?? 65_535, urgent ?? 0);
    if (unusual.options === undefined) putTcpOptions(written, frame, 54);
    else frame.set(unusual.options, 54);
    frame.set(pattern(bytes + Math.max(0, start)).subarray(Math.max(0, start), Math.max(0, start) + bytes), 34 + headerBytes);
    const { source = THEIRS, destination = OURS, trafficClass = 0 } = unusual;
    const addressSum = sumWords(source, 0, 4) + sumWords(destination, 0, 4);
    sealTcp(frame, 34, frame.length, addressSum + PROTOCOL_TCP + headerBytes + bytes);
    encodeIpv4({ timeToLive: 64, protocol: PROTOCOL_TCP, source, destination, trafficClass }, headerBytes + bytes, frame, 14);
    putEthernet(frame, 0, OUR_MAC, THEIR_MAC, TYPE_IPV4);
    return frame;
  }

  #optionsOf(options: Written['options']): TcpOptions {
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
    return written;
  }

  /** A frame that came, if there is a segment in it; throws DecodeError where its checksum is wrong. */
  take(frame: Uint8Array): Tcp | undefined {
    const ip = decodeIpv4(frame, 14);
    if (ip.protocol !== PROTOCOL_TCP) return undefined;
    const sum = sumWords(OURS, 0, 4) + sumWords(THEIRS, 0, 4) + PROTOCOL_TCP + (ip.payloadEnd - ip.payloadAt);
    const tcp = decodeTcp(frame, ip.payloadAt, ip.payloadEnd, sum);
    if ((tcp.flags & SYN) !== 0) {
      this.#ourInitial = tcp.sequence;
      this.ourPort = tcp.sourcePort;
    }
    if (tcp.options.hasTimestamps) this.stamp = tcp.options.timestamp;
    return tcp;
  }

  describe(tcp: Tcp): string {
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
}
