/**
 * Joins TCP segments that follow one another into one packet that a kernel takes as if its network card had put them together (virtio 1.2 §5.1.6: struct
 * virtio_net_hdr with the size of the pieces): a system call for as many as were sent in one go, and one walk through its stack. What can't be
 * told from the joined packet alone (RFC 9293 §3.1: another acknowledgment, window, option or flag) is not joined, so that
 * cutting it again gives what went in; and what carries a wrong checksum stays as it is, wrong.
 */
import { be16, be32, putBe16 } from '../../base/bytes.ts';
import { ETHERNET_HEADER_BYTES, TYPE_IPV4, TYPE_IPV6 } from '../../wire/ethernet/frame.ts';
import { foldChecksum, internetChecksum, pseudoHeaderSum, sumWords } from '../../wire/ip/checksum.ts';
import { FRAME_BYTES_MAX } from './attachment.ts';
import { NEEDS_CHECKSUM, OFFLOAD_HEADER_BYTES, SEGMENT_TCP4, SEGMENT_TCP6 } from './offload.ts';

const PROTOCOL_TCP = 6;
const IP_AT = ETHERNET_HEADER_BYTES;
const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;
const TCP_HEADER_BYTES = 20;
/** Version 4 and a header without options. */
const IPV4_PLAIN = 0x45;
/** Don't Fragment, and no fragment. */
const DONT_FRAGMENT = 0x4000;
const TCP_PSH = 0x08;
const TCP_ACK = 0x10;
const PACKET_BYTES_MAX = 65_535;

/** Where the parts of a segment that may be joined stand: kept and filled again. */
interface Parts {
  transportAt: number;
  payloadAt: number;
}

/** An offload header with a frame behind it, good until it returns; how many frames are joined in it, and how many bytes these had. */
export type MergedWriter = (bytes: Uint8Array, frames: number, frameBytes: number) => void;

export class SegmentMerger {
  readonly #write: MergedWriter;
  /** The offload header and what is joined so far. */
  readonly #place = new Uint8Array(OFFLOAD_HEADER_BYTES + FRAME_BYTES_MAX);
  /** The same, from the frame on. */
  readonly #joined = this.#place.subarray(OFFLOAD_HEADER_BYTES);
  readonly #parts: Parts = { transportAt: 0, payloadAt: 0 };
  #frames = 0;
  #used = 0;
  #transportAt = 0;
  #payloadAt = 0;
  #pieceBytes = 0;
  #nextSequence = 0;
  /** Nothing can be joined to it any more. */
  #closed = true;

  constructor(write: MergedWriter) {
    this.#write = write;
  }

  /** True: something waits for `flush`. False: all of it was written. */
  add(frame: Uint8Array): boolean {
    const candidate = findParts(frame, this.#parts);
    if (candidate && !this.#closed && this.#follows(frame)) return this.#append(frame);
    this.flush();
    this.#begin(frame, candidate);
    if (this.#closed) this.flush();
    return !this.#closed;
  }

  flush(): void {
    if (this.#frames === 0) return;
    if (this.#frames > 1) this.#seal();
    else this.#place.fill(0, 0, OFFLOAD_HEADER_BYTES);
    const frames = this.#frames;
    this.#frames = 0;
    this.#closed = true;
    const frameBytes = this.#used + (frames - 1) * this.#payloadAt;
    this.#write(this.#place.subarray(0, OFFLOAD_HEADER_BYTES + this.#used), frames, frameBytes);
  }

  #begin(frame: Uint8Array, candidate: boolean): void {
    this.#joined.set(frame);
    this.#used = frame.length;
    this.#frames = 1;
    this.#closed = !candidate;
    if (!candidate) return;
    const { transportAt, payloadAt } = this.#parts;
    this.#transportAt = transportAt;
    this.#payloadAt = payloadAt;
    this.#pieceBytes = frame.length - payloadAt;
    this.#nextSequence = (be32(frame, transportAt + 4) + this.#pieceBytes) >>> 0;
    // Nobody waits for what comes behind a push.
    if ((frame[transportAt + 13]! & TCP_PSH) !== 0) this.#closed = true;
  }

  #follows(frame: Uint8Array): boolean {
    const joined = this.#joined;
    const { transportAt, payloadAt } = this.#parts;
    const bytes = frame.length - payloadAt;
    return (
      payloadAt === this.#payloadAt &&
      bytes <= this.#pieceBytes &&
      this.#used + bytes <= IP_AT + PACKET_BYTES_MAX &&
      be32(frame, transportAt + 4) === this.#nextSequence &&
      sameHeaders(frame, joined, transportAt, payloadAt) &&
      hasRightChecksums(frame, transportAt) &&
      (this.#frames > 1 || hasRightChecksums(joined.subarray(0, this.#used), transportAt))
    );
  }

  #append(frame: Uint8Array): boolean {
    const { transportAt, payloadAt } = this.#parts;
    const bytes = frame.length - payloadAt;
    this.#joined.set(frame.subarray(payloadAt), this.#used);
    this.#used += bytes;
    this.#frames += 1;
    this.#nextSequence = (this.#nextSequence + bytes) >>> 0;
    const push = frame[transportAt + 13]! & TCP_PSH;
    this.#joined[transportAt + 13]! |= push;
    // All pieces but the last have one size.
    if (push !== 0 || bytes < this.#pieceBytes) this.flush();
    return this.#frames !== 0;
  }

  /** Lengths, the sums that are left to the kernel, and what it has to know. */
  #seal(): void {
    const joined = this.#joined;
    const transportAt = this.#transportAt;
    const transportBytes = this.#used - transportAt;
    const isV4 = be16(joined, 12) === TYPE_IPV4;
    if (isV4) {
      putBe16(joined, IP_AT + 2, this.#used - IP_AT);
      putBe16(joined, IP_AT + 10, 0);
      putBe16(joined, IP_AT + 10, internetChecksum(joined, IP_AT, transportAt));
    } else putBe16(joined, IP_AT + 4, transportBytes);
    putBe16(joined, transportAt + 16, ~foldChecksum(pseudoSum(joined, transportBytes)) & 0xffff);
    const header = this.#place;
    header[0] = NEEDS_CHECKSUM;
    header[1] = isV4 ? SEGMENT_TCP4 : SEGMENT_TCP6;
    putLe16(header, 2, this.#payloadAt);
    putLe16(header, 4, this.#pieceBytes);
    putLe16(header, 6, transportAt);
    putLe16(header, 8, 16);
  }
}

function putLe16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = value >>> 8;
}

/** A TCP segment with data and nothing out of the ordinary about it; fills `parts`. */
function findParts(frame: Uint8Array, parts: Parts): boolean {
  if (frame.length < IP_AT + IPV4_HEADER_BYTES + TCP_HEADER_BYTES) return false;
  const type = be16(frame, 12);
  let transportAt: number;
  if (type === TYPE_IPV4) {
    if (frame[IP_AT] !== IPV4_PLAIN || frame[IP_AT + 9] !== PROTOCOL_TCP || be16(frame, IP_AT + 6) !== DONT_FRAGMENT) return false;
    if (be16(frame, IP_AT + 2) !== frame.length - IP_AT) return false;
    transportAt = IP_AT + IPV4_HEADER_BYTES;
  } else if (type === TYPE_IPV6) {
    transportAt = IP_AT + IPV6_HEADER_BYTES;
    if (frame.length < transportAt + TCP_HEADER_BYTES || frame[IP_AT + 6] !== PROTOCOL_TCP) return false;
    if (be16(frame, IP_AT + 4) !== frame.length - transportAt) return false;
  } else return false;
  const headerBytes = (frame[transportAt + 12]! >>> 4) * 4;
  if ((frame[transportAt + 13]! & ~TCP_PSH) !== TCP_ACK || headerBytes < TCP_HEADER_BYTES) return false;
  parts.transportAt = transportAt;
  parts.payloadAt = transportAt + headerBytes;
  return parts.payloadAt < frame.length;
}

/** But for lengths, identification and checksums of IP, and sequence number, push and checksum of TCP. */
function sameHeaders(a: Uint8Array, b: Uint8Array, transportAt: number, payloadAt: number): boolean {
  const isV4 = a[IP_AT] === IPV4_PLAIN;
  return (
    same(a, b, 0, IP_AT + 2) &&
    (isV4
      ? be32(a, IP_AT + 6) >>> 8 === be32(b, IP_AT + 6) >>> 8 && same(a, b, IP_AT + 12, transportAt + 4)
      : be16(a, IP_AT + 2) === be16(b, IP_AT + 2) && same(a, b, IP_AT + 6, transportAt + 4)) &&
    same(a, b, transportAt + 8, transportAt + 13) &&
    same(a, b, transportAt + 14, transportAt + 16) &&
    same(a, b, transportAt + 18, payloadAt)
  );
}

function same(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

function pseudoSum(frame: Uint8Array, transportBytes: number): number {
  const isV4 = be16(frame, 12) === TYPE_IPV4;
  return pseudoHeaderSum(frame, IP_AT + (isV4 ? 12 : 8), isV4 ? 4 : 16, PROTOCOL_TCP, transportBytes);
}

function hasRightChecksums(frame: Uint8Array, transportAt: number): boolean {
  if (be16(frame, 12) === TYPE_IPV4 && internetChecksum(frame, IP_AT, transportAt) !== 0) return false;
  return foldChecksum(sumWords(frame, transportAt, frame.length, pseudoSum(frame, frame.length - transportAt))) === 0;
}
