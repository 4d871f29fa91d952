/** Neighbour Discovery messages (RFC 4861 §4) as the body of ICMPv6 messages. Their senders are on the link: hop limit 255 (§7.1). */
import { be32, DecodeError, putBe16, putBe32 } from '../../base/bytes.ts';
import { getMac, type Mac, putMac } from '../ethernet/mac.ts';
import type { IpAddress } from './address.ts';

export const ROUTER_SOLICITATION = 133;
export const ROUTER_ADVERTISEMENT = 134;
export const NEIGHBOR_SOLICITATION = 135;
export const NEIGHBOR_ADVERTISEMENT = 136;
export const REDIRECT = 137;

export const NEIGHBOR_HOP_LIMIT = 255;

const OPTION_SOURCE_MAC = 1;
const OPTION_TARGET_MAC = 2;
const OPTION_PREFIX = 3;
const OPTION_MTU = 5;
const MAC_OPTION_BYTES = 8;
const OPTIONS_MAX = 64;

export interface PrefixInformation {
  readonly prefix: IpAddress;
  readonly bits: number;
  readonly onLink: boolean;
  /** Addresses may be made from it (RFC 4862). */
  readonly autonomous: boolean;
  readonly validSeconds: number;
  readonly preferredSeconds: number;
}

export interface NeighborOptions {
  readonly sourceMac: Mac | undefined;
  readonly targetMac: Mac | undefined;
  readonly mtu: number | undefined;
  readonly prefixes: readonly PrefixInformation[];
}

/** Reads the options from `start` to `end`. Throws DecodeError (§4.6: an option without length makes the packet invalid). */
export function decodeNeighborOptions(frame: Uint8Array, start: number, end: number): NeighborOptions {
  let sourceMac: Mac | undefined;
  let targetMac: Mac | undefined;
  let mtu: number | undefined;
  const prefixes: PrefixInformation[] = [];
  let count = 0;
  for (let at = start; at < end; ) {
    count += 1;
    if (count > OPTIONS_MAX) throw new DecodeError('neighbor', at, 'too many options');
    if (at + 2 > end) throw new DecodeError('neighbor', at, 'truncated option');
    const bytes = frame[at + 1]! * 8;
    if (bytes === 0 || at + bytes > end) throw new DecodeError('neighbor', at + 1, `an option of ${bytes} bytes`);
    const type = frame[at]!;
    if (type === OPTION_SOURCE_MAC) sourceMac = getMac(frame, at + 2);
    else if (type === OPTION_TARGET_MAC) targetMac = getMac(frame, at + 2);
    else if (type === OPTION_MTU) mtu = be32(frame, at + 4);
    else if (type === OPTION_PREFIX && bytes === 32)
      prefixes.push({
        prefix: frame.subarray(at + 16, at + 32),
        bits: Math.min(128, frame[at + 2]!),
        onLink: (frame[at + 3]! & 0x80) !== 0,
        autonomous: (frame[at + 3]! & 0x40) !== 0,
        validSeconds: be32(frame, at + 4),
        preferredSeconds: be32(frame, at + 8),
      });
    at += bytes;
  }
  return { sourceMac, targetMac, mtu, prefixes };
}

const SOLICITED = 0x4000_0000;
const OVERRIDE = 0x2000_0000;
const ROUTER = 0x8000_0000;

export interface NeighborMessage {
  readonly target: IpAddress;
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly options: NeighborOptions;
}

/** A solicitation or an advertisement (§4.3-4.4): `rest` and body of its ICMPv6 message. Throws DecodeError. */
export function decodeNeighbor(frame: Uint8Array, rest: number, bodyAt: number, bodyEnd: number): NeighborMessage {
  if (bodyEnd - bodyAt < 16) throw new DecodeError('neighbor', bodyAt, 'truncated');
  const target = frame.subarray(bodyAt, bodyAt + 16);
  if (target[0] === 0xff) throw new DecodeError('neighbor', bodyAt, 'a multicast target');
  return {
    target,
    router: (rest & ROUTER) !== 0,
    solicited: (rest & SOLICITED) !== 0,
    override: (rest & OVERRIDE) !== 0,
    options: decodeNeighborOptions(frame, bodyAt + 16, bodyEnd),
  };
}

export const neighborRest = (flags: { readonly router?: boolean; readonly solicited?: boolean; readonly override?: boolean }): number =>
  ((flags.router === true ? ROUTER : 0) | (flags.solicited === true ? SOLICITED : 0) | (flags.override === true ? OVERRIDE : 0)) >>> 0;

function macOption(type: number, mac: Mac, out: Uint8Array, at: number): void {
  out[at] = type;
  out[at + 1] = 1;
  putMac(out, at + 2, mac);
}

/** The body of a solicitation; `mac` is left out where the sender has no address yet (§4.3). */
export function neighborSolicitationBody(target: IpAddress, mac: Mac | undefined): Uint8Array {
  const body = new Uint8Array(16 + (mac === undefined ? 0 : MAC_OPTION_BYTES));
  body.set(target);
  if (mac !== undefined) macOption(OPTION_SOURCE_MAC, mac, body, 16);
  return body;
}

export function neighborAdvertisementBody(target: IpAddress, mac: Mac): Uint8Array {
  const body = new Uint8Array(16 + MAC_OPTION_BYTES);
  body.set(target);
  macOption(OPTION_TARGET_MAC, mac, body, 16);
  return body;
}

export function routerSolicitationBody(mac: Mac | undefined): Uint8Array {
  const body = new Uint8Array(mac === undefined ? 0 : MAC_OPTION_BYTES);
  if (mac !== undefined) macOption(OPTION_SOURCE_MAC, mac, body, 0);
  return body;
}

export interface RouterAdvertisement {
  readonly hopLimit: number;
  readonly managed: boolean;
  readonly other: boolean;
  /** 0: no default router. */
  readonly lifetimeSeconds: number;
  readonly reachableMilliseconds: number;
  readonly retransmitMilliseconds: number;
  readonly options: NeighborOptions;
}

/** Throws DecodeError. */
export function decodeRouterAdvertisement(frame: Uint8Array, rest: number, bodyAt: number, bodyEnd: number): RouterAdvertisement {
  if (bodyEnd - bodyAt < 8) throw new DecodeError('neighbor', bodyAt, 'truncated router advertisement');
  return {
    hopLimit: rest >>> 24,
    managed: (rest & 0x80_0000) !== 0,
    other: (rest & 0x40_0000) !== 0,
    lifetimeSeconds: rest & 0xffff,
    reachableMilliseconds: be32(frame, bodyAt),
    retransmitMilliseconds: be32(frame, bodyAt + 4),
    options: decodeNeighborOptions(frame, bodyAt + 8, bodyEnd),
  };
}

export const routerRest = (advertisement: Omit<RouterAdvertisement, 'options'>): number =>
  ((advertisement.hopLimit << 24) |
    (advertisement.managed ? 0x80_0000 : 0) |
    (advertisement.other ? 0x40_0000 : 0) |
    advertisement.lifetimeSeconds) >>>
  0;

export function routerAdvertisementBody(advertisement: RouterAdvertisement): Uint8Array {
  const { options } = advertisement;
  const body = new Uint8Array(
    8 + (options.sourceMac === undefined ? 0 : MAC_OPTION_BYTES) + (options.mtu === undefined ? 0 : 8) + options.prefixes.length * 32,
  );
  putBe32(body, 0, advertisement.reachableMilliseconds);
  putBe32(body, 4, advertisement.retransmitMilliseconds);
  let at = 8;
  if (options.sourceMac !== undefined) {
    macOption(OPTION_SOURCE_MAC, options.sourceMac, body, at);
    at += MAC_OPTION_BYTES;
  }
  if (options.mtu !== undefined) {
    putBe16(body, at, (OPTION_MTU << 8) | 1);
    putBe32(body, at + 4, options.mtu);
    at += 8;
  }
  for (const prefix of options.prefixes) {
    putBe16(body, at, (OPTION_PREFIX << 8) | 4);
    body[at + 2] = prefix.bits;
    body[at + 3] = (prefix.onLink ? 0x80 : 0) | (prefix.autonomous ? 0x40 : 0);
    putBe32(body, at + 4, prefix.validSeconds);
    putBe32(body, at + 8, prefix.preferredSeconds);
    body.set(prefix.prefix, at + 16);
    at += 32;
  }
  return body;
}
