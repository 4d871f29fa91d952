/**
 * The way from one of a host's addresses to a destination, looked up once and kept by whoever sends often: TCP's connections, UDP's connected
 * sockets. Whoever makes a packet leaves room in front of it, and every layer below writes its header there: nothing is copied.
 */
import type { IpAddress } from '../wire/ip/address.ts';

export interface IpPath {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Bytes in front of the payload: Ethernet, tag and IP headers. */
  readonly headerBytes: number;
  /** Largest IP packet that goes through whole, header and all: the interface's MTU, or less where a router said so (RFC 1191, RFC 8201). */
  readonly mtuBytes: number;
  /** IP header alone. */
  readonly ipHeaderBytes: number;
  /** Sum over the addresses' words, for pseudo headers: protocol and length are added by the caller. */
  readonly addressSum: number;
  /** Goes true when routes, addresses or the link changed: a new path has to be asked for. */
  readonly stale: boolean;
  /** Sends `frame`, whose payload stands from `headerBytes` to its end. `trafficClass`: DSCP and ECN bits. IPv4 sets Don't Fragment. */
  send(frame: Uint8Array, protocol: number, trafficClass: number): void;
  /** Sends a payload of any length, cut into fragments where it is longer than the path's MTU. */
  sendPayload(payload: Uint8Array, protocol: number, trafficClass: number, hopLimit?: number): void;
  /** Packets get through to the neighbour this path leads to (RFC 4861 §7.3.1). */
  confirm(): void;
}

/** What a packet that came says of itself to the protocol it is for: kept and filled again for every packet, so nobody keeps it. */
export interface Arrival {
  frame: Uint8Array;
  /** Its IP header in `frame`; -1: it was put together from fragments. */
  packetAt: number;
  /** The IP payload. */
  at: number;
  end: number;
  source: IpAddress;
  destination: IpAddress;
  trafficClass: number;
  /** Time to live, or hop limit. */
  hopLimit: number;
  /** Sum over the addresses' words. */
  addressSum: number;
  /** To all, or to a group. */
  isGroup: boolean;
}

/** What an ICMP error says to the protocol whose packet it is about (RFC 1122 §3.2.2, RFC 4443 §2.4). */
export type PathError =
  | { readonly kind: 'unreachable'; readonly code: 'network' | 'host' | 'protocol' | 'port' | 'prohibited' }
  | { readonly kind: 'too-big'; readonly mtuBytes: number }
  | { readonly kind: 'time-exceeded' };
