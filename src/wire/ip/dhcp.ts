/** Dynamic Host Configuration Protocol for IPv4 (RFC 2131, options of RFC 2132, RFC 3396): the message, both sides' need. */
import { be16, be32, concat, DecodeError, latin1, putBe16, putBe32, utf8Bytes } from '../../base/bytes.ts';
import { getMac, type Mac, putMac } from '../ethernet/mac.ts';
import type { IpAddress } from './address.ts';

export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;

export const DHCP_DISCOVER = 1;
export const DHCP_OFFER = 2;
export const DHCP_REQUEST = 3;
export const DHCP_DECLINE = 4;
export const DHCP_ACKNOWLEDGE = 5;
export const DHCP_REFUSE = 6;
export const DHCP_RELEASE = 7;
export const DHCP_INFORM = 8;

export const OPTION_SUBNET_MASK = 1;
export const OPTION_ROUTER = 3;
export const OPTION_DNS = 6;
export const OPTION_HOST_NAME = 12;
export const OPTION_ROOT_PATH = 17;
export const OPTION_MTU = 26;
export const OPTION_VENDOR_SPECIFIC = 43;
export const OPTION_REQUESTED_ADDRESS = 50;
export const OPTION_LEASE_SECONDS = 51;
export const OPTION_OVERLOAD = 52;
export const OPTION_MESSAGE_TYPE = 53;
export const OPTION_SERVER = 54;
export const OPTION_PARAMETERS = 55;
export const OPTION_RENEWAL_SECONDS = 58;
export const OPTION_REBINDING_SECONDS = 59;
export const OPTION_VENDOR_CLASS = 60;
export const OPTION_CLIENT_IDENTIFIER = 61;

export interface Dhcp {
  /** True: from a client. */
  readonly request: boolean;
  readonly transaction: number;
  readonly seconds: number;
  /** The client can't take unicast before it has an address (RFC 2131 §4.1). */
  readonly broadcast: boolean;
  readonly clientAddress: IpAddress;
  readonly yourAddress: IpAddress;
  readonly serverAddress: IpAddress;
  readonly relayAddress: IpAddress;
  readonly clientMac: Mac;
  readonly serverName: string;
  readonly bootFile: string;
  /** By code; parts of one option are joined (RFC 3396 §7). */
  readonly options: ReadonlyMap<number, Uint8Array>;
}

const FIXED_BYTES = 236;
const COOKIE = 0x63825363;
/** RFC 1542 §2.1: shorter messages are dropped by relays. */
export const DHCP_BYTES_MIN = 300;
const OPTIONS_MAX = 256;

/** Throws DecodeError. Every address is a view into the frame. */
export function decodeDhcp(frame: Uint8Array, at: number, end: number): Dhcp {
  if (end - at < FIXED_BYTES + 4) throw new DecodeError('dhcp', at, 'truncated');
  if (be32(frame, at + FIXED_BYTES) !== COOKIE) throw new DecodeError('dhcp', at + FIXED_BYTES, 'no magic cookie');
  if (frame[at] !== 1 && frame[at] !== 2) throw new DecodeError('dhcp', at, 'neither request nor reply');
  if (frame[at + 1] !== 1 || frame[at + 2] !== 6) throw new DecodeError('dhcp', at + 1, 'the hardware is not Ethernet');
  const options = new Map<number, Uint8Array>();
  readOptions(frame, at + FIXED_BYTES + 4, end, options);
  // RFC 2131 §4.1: options may go on in the fields for file and server name, in this order.
  const overload = options.get(OPTION_OVERLOAD)?.[0] ?? 0;
  if ((overload & 1) !== 0) readOptions(frame, at + 108, at + 236, options);
  if ((overload & 2) !== 0) readOptions(frame, at + 44, at + 108, options);
  const address = (offset: number): IpAddress => frame.subarray(at + offset, at + offset + 4);
  return {
    request: frame[at] === 1,
    transaction: be32(frame, at + 4),
    seconds: be16(frame, at + 8),
    broadcast: (frame[at + 10]! & 0x80) !== 0,
    clientAddress: address(12),
    yourAddress: address(16),
    serverAddress: address(20),
    relayAddress: address(24),
    clientMac: getMac(frame, at + 28),
    serverName: (overload & 2) !== 0 ? '' : text(frame, at + 44, 64),
    bootFile: (overload & 1) !== 0 ? '' : text(frame, at + 108, 128),
    options,
  };
}

function readOptions(frame: Uint8Array, start: number, end: number, into: Map<number, Uint8Array>): void {
  let count = 0;
  for (let at = start; at < end; ) {
    const code = frame[at]!;
    if (code === 255) return;
    if (code === 0) {
      at += 1;
      continue;
    }
    count += 1;
    if (count > OPTIONS_MAX) throw new DecodeError('dhcp', at, 'too many options');
    if (at + 2 > end || at + 2 + frame[at + 1]! > end) throw new DecodeError('dhcp', at, `option ${code} is truncated`);
    const value = frame.subarray(at + 2, at + 2 + frame[at + 1]!);
    const before = into.get(code);
    into.set(code, before === undefined ? value : concat([before, value]));
    at += 2 + value.length;
  }
}

function text(frame: Uint8Array, at: number, bytes: number): string {
  const all = latin1(frame, at, at + bytes);
  const end = all.indexOf('\0');
  return end === -1 ? all : all.slice(0, end);
}

/** The whole message, padded to what relays take. Server name and boot file are cut to their fields. */
export function encodeDhcp(message: Dhcp): Uint8Array {
  let optionBytes = 1;
  for (const value of message.options.values()) optionBytes += value.length + 2 * Math.max(1, Math.ceil(value.length / 255));
  const out = new Uint8Array(Math.max(DHCP_BYTES_MIN, FIXED_BYTES + 4 + optionBytes));
  out[0] = message.request ? 1 : 2;
  out[1] = 1;
  out[2] = 6;
  putBe32(out, 4, message.transaction);
  putBe16(out, 8, message.seconds);
  putBe16(out, 10, message.broadcast ? 0x8000 : 0);
  out.set(message.clientAddress, 12);
  out.set(message.yourAddress, 16);
  out.set(message.serverAddress, 20);
  out.set(message.relayAddress, 24);
  putMac(out, 28, message.clientMac);
  out.set(utf8Bytes(message.serverName).subarray(0, 63), 44);
  out.set(utf8Bytes(message.bootFile).subarray(0, 127), 108);
  putBe32(out, FIXED_BYTES, COOKIE);
  let at = FIXED_BYTES + 4;
  for (const [code, value] of message.options) {
    // RFC 3396 §5: a value longer than 255 bytes goes into several options of the same code.
    for (let done = 0; done === 0 || done < value.length; done += 255) {
      const part = value.subarray(done, done + 255);
      out[at] = code;
      out[at + 1] = part.length;
      out.set(part, at + 2);
      at += 2 + part.length;
    }
  }
  out[at] = 255;
  return out;
}

/** Values of options that are one whole number of four bytes; undefined: absent or of another length. */
export function optionNumber(message: Dhcp, code: number): number | undefined {
  const value = message.options.get(code);
  return value?.length === 4 ? be32(value, 0) : undefined;
}

/** The first address in an option of addresses. */
export function optionAddress(message: Dhcp, code: number): IpAddress | undefined {
  const value = message.options.get(code);
  return value === undefined || value.length < 4 ? undefined : value.subarray(0, 4);
}

export const messageType = (message: Dhcp): number => message.options.get(OPTION_MESSAGE_TYPE)?.[0] ?? 0;

export function numberOption(value: number): Uint8Array {
  const out = new Uint8Array(4);
  putBe32(out, 0, value);
  return out;
}
