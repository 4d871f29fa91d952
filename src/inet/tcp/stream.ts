/** A TCP connection as what runs over it sees it: a byte stream, and what else RFC 9293 §3.9.1 offers. */
import type { ByteStream } from '../../base/byte-stream.ts';
import type { Nanos } from '../../base/clock.ts';
import type { CongestionControlName } from './congestion/control.ts';
import type { Phase } from './loss-recovery.ts';

export type TcpState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'closing'
  | 'close-wait'
  | 'last-ack'
  | 'closed';

/** For people, in the manner of Linux's tcp_info. */
export interface TcpInfo {
  readonly state: TcpState;
  readonly local: string;
  readonly remote: string;
  readonly congestionControl: CongestionControlName;
  readonly phase: Phase;
  readonly roundTripNanos: Nanos;
  readonly roundTripVariationNanos: Nanos;
  readonly roundTripMinNanos: Nanos;
  readonly timeoutNanos: Nanos;
  readonly congestionWindowBytes: number;
  /** Infinity: none was found yet. */
  readonly thresholdBytes: number;
  readonly segmentBytes: number;
  readonly pathMtuBytes: number;
  readonly unacknowledgedBytes: number;
  readonly queuedBytes: number;
  readonly peerWindowBytes: number;
  readonly receiveWindowBytes: number;
  readonly waitingBytes: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly sack: boolean;
  readonly timestamps: boolean;
  readonly ecn: boolean;
  readonly sendWindowShift: number;
  readonly receiveWindowShift: number;
}

/**
 * What is written is kept, not copied, until the peer has acknowledged it; that is when `sent` runs, and what `queuedBytes` counts. Whoever writes
 * bounds it by them.
 */
export interface TcpStream extends ByteStream {
  readonly state: TcpState;
  /** Writes data of which the last byte is urgent (RFC 9293 §3.8.5). */
  writeUrgent(views: readonly Uint8Array[], sent: (() => void) | undefined): void;
  info(): TcpInfo;
}
