/** Transmission Control Protocol segments (RFC 9293 §3.1), with the options of RFC 7323 and RFC 2018. Read at offsets. */
import { be16, be32, DecodeError, putBe16, putBe32 } from '../../base/bytes.ts';
import { internetChecksum } from './checksum.ts';

export const TCP_HEADER_BYTES = 20;
export const TCP_HEADER_BYTES_MAX = 60;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
/** RFC 3168 §6.1. */
export const ECE = 0x40;
export const CWR = 0x80;

export const tcpSourcePort = (frame: Uint8Array, at: number): number => be16(frame, at);
export const tcpDestinationPort = (frame: Uint8Array, at: number): number => be16(frame, at + 2);
export const tcpSequence = (frame: Uint8Array, at: number): number => be32(frame, at + 4);
export const tcpAcknowledgment = (frame: Uint8Array, at: number): number => be32(frame, at + 8);
export const tcpHeaderBytes = (frame: Uint8Array, at: number): number => (frame[at + 12]! >>> 4) << 2;
export const tcpFlags = (frame: Uint8Array, at: number): number => frame[at + 13]!;
export const tcpWindow = (frame: Uint8Array, at: number): number => be16(frame, at + 14);
export const tcpUrgentPointer = (frame: Uint8Array, at: number): number => be16(frame, at + 18);

/** Why what stands from `at` to `end` is no segment; undefined: it is one. */
export function tcpProblem(frame: Uint8Array, at: number, end: number, pseudoSum: number): string | undefined {
  if (end - at < TCP_HEADER_BYTES) return 'truncated header';
  const header = tcpHeaderBytes(frame, at);
  if (header < TCP_HEADER_BYTES || header > end - at) return 'bad data offset';
  return internetChecksum(frame, at, end, pseudoSum) === 0 ? undefined : 'bad checksum';
}

/** Options are read into one of these, kept and filled again for every segment. */
export interface TcpOptions {
  /** Maximum segment size (RFC 9293 §3.7.1); -1: not said. */
  segmentBytesMax: number;
  /** Window scale (RFC 7323 §2); -1: not said. */
  windowScale: number;
  sackPermitted: boolean;
  hasTimestamps: boolean;
  timestamp: number;
  timestampEcho: number;
  /** Blocks of RFC 2018 §3: left edge, right edge, left edge, ... */
  readonly sackEdges: Uint32Array;
  sackBlocks: number;
}

export const SACK_BLOCKS_MAX = 4;

export const tcpOptions = (): TcpOptions => ({
  segmentBytesMax: -1,
  windowScale: -1,
  sackPermitted: false,
  hasTimestamps: false,
  timestamp: 0,
  timestampEcho: 0,
  sackEdges: new Uint32Array(SACK_BLOCKS_MAX * 2),
  sackBlocks: 0,
});

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;
/** RFC 7323 §2.3: larger shifts are taken for 14. */
export const WINDOW_SCALE_MAX = 14;

/**
 * Reads the options of a segment that `tcpProblem` found nothing wrong with. Options unknown to us are passed over; what stands behind one
 * with an impossible length is not looked at (RFC 9293 §3.1, MUST-7: no length crashes anybody).
 */
export function readTcpOptions(frame: Uint8Array, at: number, into: TcpOptions): TcpOptions {
  into.segmentBytesMax = -1;
  into.windowScale = -1;
  into.sackPermitted = false;
  into.hasTimestamps = false;
  into.sackBlocks = 0;
  const end = at + tcpHeaderBytes(frame, at);
  let place = at + TCP_HEADER_BYTES;
  // The usual layout of RFC 7323 appendix A: two fillers, then the timestamps.
  if (end - place === 12 && be32(frame, place) === 0x0101080a) {
    into.hasTimestamps = true;
    into.timestamp = be32(frame, place + 4);
    into.timestampEcho = be32(frame, place + 8);
    return into;
  }
  while (place < end) {
    const kind = frame[place]!;
    if (kind === END_OF_OPTIONS) break;
    if (kind === NO_OPERATION) {
      place += 1;
      continue;
    }
    if (place + 2 > end) break;
    const bytes = frame[place + 1]!;
    if (bytes < 2 || place + bytes > end) break;
    if (kind === MAXIMUM_SEGMENT_SIZE && bytes === 4) into.segmentBytesMax = be16(frame, place + 2);
    else if (kind === WINDOW_SCALE && bytes === 3) into.windowScale = Math.min(WINDOW_SCALE_MAX, frame[place + 2]!);
    else if (kind === SACK_PERMITTED && bytes === 2) into.sackPermitted = true;
    else if (kind === TIMESTAMPS && bytes === 10) {
      into.hasTimestamps = true;
      into.timestamp = be32(frame, place + 2);
      into.timestampEcho = be32(frame, place + 6);
    } else if (kind === SACK && bytes >= 10 && (bytes - 2) % 8 === 0) {
      into.sackBlocks = Math.min(SACK_BLOCKS_MAX, (bytes - 2) / 8);
      for (let edge = 0; edge < into.sackBlocks * 2; edge += 1) into.sackEdges[edge] = be32(frame, place + 2 + edge * 4);
    }
    place += bytes;
  }
  return into;
}

/** Bytes that the options take, filled up to a multiple of four. */
export function tcpOptionBytes(options: TcpOptions): number {
  let bytes = 0;
  if (options.segmentBytesMax !== -1) bytes += 4;
  if (options.windowScale !== -1) bytes += 4;
  if (options.hasTimestamps) bytes += options.sackPermitted ? 10 : 12;
  if (options.sackPermitted) bytes += options.hasTimestamps ? 2 : 4;
  if (options.sackBlocks !== 0) bytes += 4 + options.sackBlocks * 8;
  return bytes;
}

/** Writes the options at `at`, aligned as RFC 7323 appendix A recommends. */
export function putTcpOptions(options: TcpOptions, out: Uint8Array, at: number): void {
  let place = at;
  if (options.segmentBytesMax !== -1) {
    putBe16(out, place, (MAXIMUM_SEGMENT_SIZE << 8) | 4);
    putBe16(out, place + 2, options.segmentBytesMax);
    place += 4;
  }
  if (options.sackPermitted) {
    // Where timestamps follow, the two bytes take the place of the fillers in front of them.
    if (!options.hasTimestamps) {
      putBe16(out, place, (NO_OPERATION << 8) | NO_OPERATION);
      place += 2;
    }
    putBe16(out, place, (SACK_PERMITTED << 8) | 2);
    place += 2;
  }
  if (options.hasTimestamps) {
    if (!options.sackPermitted) {
      putBe16(out, place, (NO_OPERATION << 8) | NO_OPERATION);
      place += 2;
    }
    putBe16(out, place, (TIMESTAMPS << 8) | 10);
    putBe32(out, place + 2, options.timestamp);
    putBe32(out, place + 6, options.timestampEcho);
    place += 10;
  }
  if (options.windowScale !== -1) {
    out[place] = NO_OPERATION;
    out[place + 1] = WINDOW_SCALE;
    out[place + 2] = 3;
    out[place + 3] = options.windowScale;
    place += 4;
  }
  if (options.sackBlocks !== 0) {
    putBe16(out, place, (NO_OPERATION << 8) | NO_OPERATION);
    out[place + 2] = SACK;
    out[place + 3] = 2 + options.sackBlocks * 8;
    for (let edge = 0; edge < options.sackBlocks * 2; edge += 1) putBe32(out, place + 4 + edge * 4, options.sackEdges[edge]!);
  }
}

/** Writes the fixed header; options and payload are written by others, and the checksum by `sealTcp` once they stand. */
export function putTcp(
  out: Uint8Array,
  at: number,
  sourcePort: number,
  destinationPort: number,
  sequence: number,
  acknowledgment: number,
  headerBytes: number,
  flags: number,
  window: number,
  urgentPointer = 0,
): void {
  putBe16(out, at, sourcePort);
  putBe16(out, at + 2, destinationPort);
  putBe32(out, at + 4, sequence);
  putBe32(out, at + 8, acknowledgment);
  out[at + 12] = headerBytes << 2;
  out[at + 13] = flags;
  putBe16(out, at + 14, window);
  putBe16(out, at + 16, 0);
  putBe16(out, at + 18, urgentPointer);
}

export function sealTcp(out: Uint8Array, at: number, end: number, pseudoSum: number): void {
  putBe16(out, at + 16, 0);
  putBe16(out, at + 16, internetChecksum(out, at, end, pseudoSum));
}

export interface Tcp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly urgentPointer: number;
  readonly options: TcpOptions;
  readonly payloadAt: number;
  readonly payloadEnd: number;
}

/** Throws DecodeError. */
export function decodeTcp(frame: Uint8Array, at: number, end: number, pseudoSum: number): Tcp {
  const wrong = tcpProblem(frame, at, end, pseudoSum);
  if (wrong !== undefined) throw new DecodeError('tcp', at, wrong);
  return {
    sourcePort: tcpSourcePort(frame, at),
    destinationPort: tcpDestinationPort(frame, at),
    sequence: tcpSequence(frame, at),
    acknowledgment: tcpAcknowledgment(frame, at),
    flags: tcpFlags(frame, at),
    window: tcpWindow(frame, at),
    urgentPointer: tcpUrgentPointer(frame, at),
    options: readTcpOptions(frame, at, tcpOptions()),
    payloadAt: at + tcpHeaderBytes(frame, at),
    payloadEnd: end,
  };
}
