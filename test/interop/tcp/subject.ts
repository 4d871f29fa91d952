/** A TCP that is put to the test by segments made by hand: Linux's, or ours. What a script needs of either. */
import type { Nanos } from '../../../src/base/clock.ts';

/** RFC 9293 §3.3.2; what neither can show (TIME-WAIT, LISTEN) is left out. */
export type State =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'closing'
  | 'close-wait'
  | 'last-ack'
  | 'closed';

export interface SocketOptions {
  /** Nagle's algorithm is on. */
  readonly nagle?: boolean;
  readonly keepAliveSeconds?: { readonly idle: number; readonly interval: number; readonly probes: number };
  /** About so much may wait to be read. */
  readonly receiveBytes?: number;
  /** R2: the connection is given up when nothing was acknowledged for so long. */
  readonly userTimeoutSeconds?: number;
}

export interface SubjectSocket {
  readonly state: State;
  /** What a user was told that ended it: ECONNRESET and the like. */
  readonly error: string | undefined;
  /** The peer's half has ended, and everything before was read. */
  readonly ended: boolean;
  /** Urgent data has come that was not read yet. */
  readonly hasUrgent: boolean;
  /** What there is to read. Nobody reads but by this. */
  read(): Uint8Array;
  write(bytes: Uint8Array): void;
  /** The last byte of them is urgent. */
  writeUrgent(bytes: Uint8Array): void;
  /** Ends our half: a FIN behind everything written. */
  end(): void;
  /** Aborts (RFC 9293 §3.10.5). */
  abort(): void;
}

export interface SubjectListener {
  /** The next connection that is established. */
  accept(): SubjectSocket | undefined;
}

export interface Subject {
  readonly name: 'Linux' | 'ours';
  now(): Nanos;
  /** Lets time pass; no longer than until `until` says so. */
  pass(nanos: Nanos, until?: () => boolean): Promise<void>;
  /** A frame for it. */
  deliver(frame: Uint8Array): void;
  /** Who takes the frames it sends to one of the script's ports. */
  onFrame(theirPort: number, take: (frame: Uint8Array) => void): void;
  /** Undefined: there is somebody already. */
  listen(port: number, options?: SocketOptions): SubjectListener | undefined;
  /** Undefined: it is refused at once. `address`: somebody else than the script. */
  connect(theirPort: number, ourPort: number, options?: SocketOptions, address?: string): SubjectSocket | undefined;
  close(): void;
}
