/**
 * Many datagrams with one system call: recvmmsg(2) and sendmmsg(2) with their structures in memory that stays. One of each serves all sockets,
 * because the calls don't wait and what was received is copied before the next one.
 */
import { be32 } from '../../base/bytes.ts';
import { FRAME_BYTES_MAX } from './attachment.ts';
import type { Native } from './native.ts';

export const BATCH_MESSAGES = 64;

/** struct mmsghdr on 64-bit Linux: name, its length, vector, its length, control, its length, flags, and the message's length. */
const HEADER_WORDS = 16;
const NAME = 0;
const NAME_LENGTH = 2;
const VECTOR = 4;
const VECTOR_LENGTH = 6;
const CONTROL = 8;
const CONTROL_LENGTH = 10;
const FLAGS = 12;
const LENGTH = 14;
const VECTOR_WORDS = 4;

const NAME_BYTES = 32;
const CONTROL_BYTES = 64;
const MSG_TRUNC = 0x20;

/** Whatever goes in front of a frame: VXLAN's header, virtio's. */
const PREFIX_BYTES_MAX = 64;
const SLOT_BYTES = Math.ceil((FRAME_BYTES_MAX + PREFIX_BYTES_MAX) / 64) * 64;

function putAddress(table: Uint32Array, at: number, address: bigint): void {
  table[at] = Number(address & 0xffff_ffffn);
  table[at + 1] = Number(address >> 32n);
}

/** What recvmmsg brought: good until it is called again. */
export class ReceivedMessages {
  readonly bytes = new Uint8Array(BATCH_MESSAGES * SLOT_BYTES);
  readonly names = new Uint8Array(BATCH_MESSAGES * NAME_BYTES);
  readonly controls = new Uint8Array(BATCH_MESSAGES * CONTROL_BYTES);
  readonly #native: Native;
  readonly #headers = new Uint32Array(BATCH_MESSAGES * HEADER_WORDS);
  readonly #headerBytes = new Uint8Array(this.#headers.buffer);
  readonly #vectors = new Uint32Array(BATCH_MESSAGES * VECTOR_WORDS);

  constructor(native: Native) {
    this.#native = native;
    const bytes = native.addressOf(this.bytes);
    const names = native.addressOf(this.names);
    const controls = native.addressOf(this.controls);
    const vectors = native.addressOf(new Uint8Array(this.#vectors.buffer));
    for (let index = 0; index < BATCH_MESSAGES; index += 1) {
      const header = index * HEADER_WORDS;
      const vector = index * VECTOR_WORDS;
      putAddress(this.#headers, header + NAME, names + BigInt(index * NAME_BYTES));
      putAddress(this.#headers, header + VECTOR, vectors + BigInt(vector * 4));
      this.#headers[header + VECTOR_LENGTH] = 1;
      putAddress(this.#headers, header + CONTROL, controls + BigInt(index * CONTROL_BYTES));
      putAddress(this.#vectors, vector, bytes + BigInt(index * SLOT_BYTES));
      this.#vectors[vector + 2] = SLOT_BYTES;
    }
  }

  /** How many came; 0 or less: none, or the negative error number. */
  receive(fd: number): number {
    for (let header = 0; header < BATCH_MESSAGES * HEADER_WORDS; header += HEADER_WORDS) {
      this.#headers[header + NAME_LENGTH] = NAME_BYTES;
      this.#headers[header + CONTROL_LENGTH] = CONTROL_BYTES;
    }
    return this.#native.receiveMessages(fd, this.#headerBytes, BATCH_MESSAGES);
  }

  startOf(index: number): number {
    return index * SLOT_BYTES;
  }

  endOf(index: number): number {
    return index * SLOT_BYTES + this.#headers[index * HEADER_WORDS + LENGTH]!;
  }

  /** It was longer than anything should be, and its end is missing. */
  isCut(index: number): boolean {
    return (this.#headers[index * HEADER_WORDS + FLAGS]! & MSG_TRUNC) !== 0;
  }

  nameAt(index: number): number {
    return index * NAME_BYTES;
  }

  /** Where the payload of the control message stands in `controls`; -1: there is none of the kind. Only the first is looked at. */
  controlAt(index: number, level: number, type: number): number {
    // struct cmsghdr: a length of 8 bytes, level, type.
    if (this.#headers[index * HEADER_WORDS + CONTROL_LENGTH]! < 16) return -1;
    const at = index * CONTROL_BYTES;
    return le32(this.controls, at + 8) === level && le32(this.controls, at + 12) === type ? at + 16 : -1;
  }
}

export const le16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
export const le32 = (bytes: Uint8Array, at: number): number => (le16(bytes, at) | (le16(bytes, at + 2) << 16)) >>> 0;

const ARENA_BYTES = 1024 * 1024;

/** What sendmmsg takes; filled, sent, and filled again. */
export class OutgoingMessages {
  readonly #native: Native;
  readonly #headers = new Uint32Array(BATCH_MESSAGES * HEADER_WORDS);
  readonly #headerBytes = new Uint8Array(this.#headers.buffer);
  readonly #vectors = new Uint32Array(BATCH_MESSAGES * VECTOR_WORDS);
  readonly #arena = new Uint8Array(ARENA_BYTES);
  readonly #address: number;
  readonly #name = new Uint8Array(128);
  #used = 0;
  #count = 0;

  constructor(native: Native) {
    this.#native = native;
    // Exact: addresses of a process stay below 2^48.
    this.#address = Number(native.addressOf(this.#arena));
    const name = native.addressOf(this.#name);
    const vectors = native.addressOf(new Uint8Array(this.#vectors.buffer));
    for (let index = 0; index < BATCH_MESSAGES; index += 1) {
      const header = index * HEADER_WORDS;
      putAddress(this.#headers, header + NAME, name);
      putAddress(this.#headers, header + VECTOR, vectors + BigInt(index * VECTOR_WORDS * 4));
      this.#headers[header + VECTOR_LENGTH] = 1;
    }
  }

  /** `to`: the address they go to; empty: the socket knows. */
  begin(to: Uint8Array): void {
    this.#name.set(to);
    for (let header = 0; header < BATCH_MESSAGES * HEADER_WORDS; header += HEADER_WORDS) this.#headers[header + NAME_LENGTH] = to.length;
    this.#used = 0;
    this.#count = 0;
  }

  /** False: there is no room for more in this batch. */
  add(prefix: Uint8Array, frame: Uint8Array): boolean {
    const bytes = prefix.length + frame.length;
    if (this.#count === BATCH_MESSAGES || this.#used + bytes > ARENA_BYTES) return false;
    this.#arena.set(prefix, this.#used);
    this.#arena.set(frame, this.#used + prefix.length);
    const address = this.#address + this.#used;
    const vector = this.#count * VECTOR_WORDS;
    this.#vectors[vector] = address;
    this.#vectors[vector + 1] = address / 0x1_0000_0000;
    this.#vectors[vector + 2] = bytes;
    this.#used += bytes;
    this.#count += 1;
    return true;
  }

  /** How many left; the negative error number: not even the first. */
  send(fd: number): number {
    return this.#native.sendMessages(fd, this.#headerBytes, this.#count);
  }
}

let received: ReceivedMessages | undefined;
let outgoing: OutgoingMessages | undefined;

export const receivedMessages = (native: Native): ReceivedMessages => (received ??= new ReceivedMessages(native));
export const outgoingMessages = (native: Native): OutgoingMessages => (outgoing ??= new OutgoingMessages(native));

/** The source of a message is this address: of family, port and address as in `wanted` (struct sockaddr_in, sockaddr_in6); ports may differ. */
export function isFrom(names: Uint8Array, at: number, wanted: Uint8Array): boolean {
  if (le16(names, at) !== le16(wanted, 0)) return false;
  const [start, count] = le16(wanted, 0) === AF_INET ? [4, 1] : [8, 4];
  for (let word = 0; word < count; word += 1) if (be32(names, at + start + 4 * word) !== be32(wanted, start + 4 * word)) return false;
  return true;
}

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;
