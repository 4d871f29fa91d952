/** What a connection (RFC 9293 §3.3.1) is to the parts it is made of, and what it is given to work with. */
import type { ByteStreamReceiver } from '../../base/byte-stream.ts';
import type { Clock, Nanos } from '../../base/clock.ts';
import type { IpAddress } from '../../wire/ip/address.ts';
import type { IpPath } from '../path.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { TcpCounters } from './counters.ts';
import type { Deadlines } from './deadlines.ts';
import type { Flow, FlowEntry } from './flow-table.ts';
import type { MemoryBudget } from './receive-buffer.ts';
import type { Receiver } from './receiver.ts';
import type { FrameSlab } from '../../base/frame-slab.ts';
import type { Sender } from './sender.ts';
import type { TcpSettings } from './settings.ts';
import type { TcpState, TcpStream } from './stream.ts';

/** What a connection is given to work with: its stack. */
export interface ConnectionServices {
  readonly clock: Clock;
  readonly counters: TcpCounters;
  readonly budget: MemoryBudget;
  readonly slab: FrameSlab;
  path(destination: IpAddress, source: IpAddress): IpPath | undefined;
  /** A router said that less gets through. */
  learnMtu(destination: IpAddress, mtuBytes: number): void;
  tellBlackHole(remote: string, segmentBytes: number): void;
  tellOpened(connection: ConnectionCore): void;
  /** Undefined: as both sides wanted. */
  tellClosed(connection: ConnectionCore, reason: string | undefined): void;
  /** A reset for a segment that belongs to nothing. */
  reset(flow: Flow, path: IpPath, sequence: number): void;
  /** It is over: nothing is to come. */
  forget(connection: ConnectionCore): void;
  /** Its peer may still send (RFC 9293 §3.6.1). */
  wait(connection: ConnectionCore): void;
  /** An embryo has grown up, or died. */
  leaveBacklog(connection: ConnectionCore): void;
}

/** Whom a connection tells of what a byte stream does not. */
export interface ConnectionUser {
  /** Established. Who receives; undefined: nobody wants it. */
  opened(stream: TcpStream): ByteStreamReceiver | undefined;
  /** It did not come about. */
  failed?(reason: string): void;
  /** The peer ended its half, and everything before was handed over; where halves end apart. */
  ended?(stream: TcpStream): void;
  /** Urgent data is under way, up to so many bytes behind what was handed over (RFC 9293 §3.8.5, MUST-32). */
  urgent?(stream: TcpStream, bytesAhead: number): void;
}

export interface ConnectionCore extends FlowEntry, TcpStream {
  state: TcpState;
  readonly settings: TcpSettings;
  readonly services: ConnectionServices;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly acknowledger: Acknowledger;
  readonly deadlines: Deadlines;
  readonly user: ConnectionUser;
  path: IpPath;
  /** It came to us: it goes back to nothing when it fails (RFC 9293 §3.10.7.4). */
  readonly isPassive: boolean;
  /** Both sides scale windows (RFC 7323 §2.2). */
  scales: boolean;
  usesTimestamps: boolean;
  /** TS.Recent (RFC 7323 §4.3), and when it was. */
  recentStamp: number;
  recentStampAt: Nanos;
  /** Congestion marks were offered to the peer, or by it. */
  wantsEcn: boolean;
  /** Urgent data from the peer ends here; 0: there is none. */
  urgentPosition: number;
  /** What an ICMP error said that is no reason to give up yet (RFC 9293 §3.9.2.2). */
  softError: string | undefined;
  bytesReceived: number;
  bytesSent: number;
  readonly stampOffset: number;
  /** Both sides want congestion marks, or not: `wantsEcn` says. */
  acceptMarks(): void;
  /** Our SYN is acknowledged, and the peer's has come. */
  establish(): void;
  /** The peer's SYN has come: ours answers it. */
  answer(): void;
  sendSyn(): void;
  /** Answers what a stranger could have sent; not too often (RFC 5961 §7). */
  answerStray(): void;
  handleFin(): void;
  handleFinAcknowledged(): void;
  /** It is over, at once. */
  close(reason: string | undefined): void;
  confirm(now: Nanos): void;
}
