/** A segment that came (RFC 9293 §3.1), read into one object that is kept and filled again for every segment. */
import {
  FIN,
  readTcpOptions,
  SYN,
  tcpAcknowledgment,
  tcpFlags,
  tcpHeaderBytes,
  type TcpOptions,
  tcpOptions,
  tcpSequence,
  tcpUrgentPointer,
  tcpWindow,
} from '../../wire/ip/tcp.ts';
import type { Arrival } from '../path.ts';
import { ECN_CONGESTION } from '../../wire/ip/ipv4.ts';

export interface Segment {
  frame: Uint8Array;
  /** The payload. */
  at: number;
  end: number;
  sequence: number;
  acknowledgment: number;
  flags: number;
  /** As it stands in the header: not scaled. */
  window: number;
  urgentPointer: number;
  /** A router marked it: congestion experienced (RFC 3168 §5). */
  isMarked: boolean;
  readonly options: TcpOptions;
}

export const emptySegment = (): Segment => ({
  frame: new Uint8Array(0),
  at: 0,
  end: 0,
  sequence: 0,
  acknowledgment: 0,
  flags: 0,
  window: 0,
  urgentPointer: 0,
  isMarked: false,
  options: tcpOptions(),
});

/** `tcpProblem` found nothing wrong with it. */
export function readSegment(arrival: Arrival, into: Segment): void {
  const { frame, at } = arrival;
  into.frame = frame;
  into.at = at + tcpHeaderBytes(frame, at);
  into.end = arrival.end;
  into.sequence = tcpSequence(frame, at);
  into.acknowledgment = tcpAcknowledgment(frame, at);
  into.flags = tcpFlags(frame, at);
  into.window = tcpWindow(frame, at);
  into.urgentPointer = tcpUrgentPointer(frame, at);
  into.isMarked = (arrival.trafficClass & 3) === ECN_CONGESTION;
  readTcpOptions(frame, at, into.options);
}

/** SEG.LEN: the sequence numbers it takes. */
export const segmentLength = (segment: Segment): number =>
  segment.end - segment.at + ((segment.flags & SYN) === 0 ? 0 : 1) + ((segment.flags & FIN) === 0 ? 0 : 1);
