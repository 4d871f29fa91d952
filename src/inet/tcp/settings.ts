/** What can be set for a TCP, with values that suit storage in a data centre; the clauses say how far they may go. */
import { MILLISECOND, type Nanos, SECOND } from '../../base/clock.ts';
import type { CongestionControlName } from './congestion/control.ts';

export interface KeepAliveSettings {
  /** RFC 9293 §3.8.4 (MUST-28): two hours at least unless somebody asks for less. */
  readonly idleNanos: Nanos;
  readonly intervalNanos: Nanos;
  readonly probes: number;
}

/** What each connection can have differently. */
export interface ConnectionSettings {
  readonly congestionControl: CongestionControlName;
  /** Small segments don't wait for acknowledgments: Nagle's algorithm (RFC 9293 §3.7.4) is off. What writes above here writes whole PDUs. */
  readonly noDelay: boolean;
  /** Undefined: none, as RFC 9293 §3.8.4 (MUST-25) wants. */
  readonly keepAlive: KeepAliveSettings | undefined;
  /** Data that nobody acknowledges for so long ends the connection (RFC 9293 §3.8.3: R2, 100 s at least). */
  readonly userTimeoutNanos: Nanos;
  /** The same for a SYN (three minutes at least). */
  readonly synTimeoutNanos: Nanos;
  /** Bytes that may wait to be read, in order or not. */
  readonly receiveBytesMax: number;
  /** The two halves end apart: `end` leaves the other half open, and `handleEnd` tells of the peer's. */
  readonly halfOpen: boolean;
  readonly ecn: boolean;
  readonly sack: boolean;
  readonly timestamps: boolean;
  readonly windowScaling: boolean;
  /** How long to wait for a peer to end its half once ours has, where nobody reads it any more. */
  readonly lingerNanos: Nanos;
}

export interface TcpSettings extends ConnectionSettings {
  readonly timeoutMinNanos: Nanos;
  readonly timeoutMaxNanos: Nanos;
  readonly delayedAckNanos: Nanos;
  /** RFC 9293 §3.4.2: twice the maximum segment lifetime; Linux's minute. */
  readonly timeWaitNanos: Nanos;
  readonly timeWaitsMax: number;
  readonly connectionsMax: number;
  /** Over all connections: bytes that may wait to be read. */
  readonly receiveMemoryBytesMax: number;
}

export const defaultTcpSettings: TcpSettings = {
  congestionControl: 'cubic',
  noDelay: true,
  keepAlive: undefined,
  userTimeoutNanos: 120 * SECOND,
  synTimeoutNanos: 180 * SECOND,
  receiveBytesMax: 4 * 1024 * 1024,
  halfOpen: false,
  ecn: true,
  sack: true,
  timestamps: true,
  windowScaling: true,
  lingerNanos: 60 * SECOND,
  timeoutMinNanos: 200 * MILLISECOND,
  timeoutMaxNanos: 60 * SECOND,
  delayedAckNanos: 40 * MILLISECOND,
  timeWaitNanos: 60 * SECOND,
  timeWaitsMax: 16_384,
  connectionsMax: 65_536,
  receiveMemoryBytesMax: 256 * 1024 * 1024,
};
