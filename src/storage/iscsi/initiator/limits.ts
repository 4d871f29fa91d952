/** The bounds of an iSCSI initiator: what it offers at login, how much it keeps under way, and how long it waits. */
import { MILLISECOND, type Nanos, SECOND } from '../../../base/clock.ts';
import type { Offer } from '../parameters.ts';

export interface InitiatorLimits extends Offer {
  /** Commands under way at once; the target's window may hold us to fewer. */
  readonly commandsInFlight: number;
  /** Bytes of data, in and out, of the commands under way. One command alone may exceed it. */
  readonly bytesInFlight: number;
  /** Commands, and bytes of their data, that may wait for their turn; more are refused. */
  readonly commandsQueued: number;
  readonly bytesQueued: number;
  /** From the first attempt to connect to the full feature phase. */
  readonly loginTimeoutNanos: Nanos;
  /** Text, task management and logout requests. */
  readonly requestTimeoutNanos: Nanos;
  /** A command, from when it was sent; each can bring its own. 0: for ever. */
  readonly commandTimeoutNanos: Nanos;
  /** A connection that was silent for so long is asked with a NOP-Out, and lost if it stays silent for `pingTimeoutNanos`. 0: never. */
  readonly pingAfterNanos: Nanos;
  readonly pingTimeoutNanos: Nanos;
  /** How long a lost session is tried to be brought back before its commands fail. 0: not at all. */
  readonly recoveryNanos: Nanos;
  /** Between two attempts: doubled each time, up to the second; a random part of it is left out. */
  readonly backOffNanos: Nanos;
  readonly backOffMaxNanos: Nanos;
  /** How often one command is sent again after its connection was lost. */
  readonly replays: number;
  /** How often one command is sent again after BUSY or TASK SET FULL; each time waits longer. */
  readonly busyRetries: number;
  readonly busyDelayNanos: Nanos;
  /** Redirections one login follows. */
  readonly redirects: number;
  /** At error recovery levels 1 and 2: after this long what was lost is asked for again; a connection may be silent twice as long. */
  readonly resendNanos: Nanos;
  /** How often that is done without anything coming of it, before the connection is given up. */
  readonly resends: number;
}

export const defaultInitiatorLimits: InitiatorLimits = {
  commandsInFlight: 128,
  bytesInFlight: 32 * 1024 * 1024,
  commandsQueued: 16_384,
  bytesQueued: 256 * 1024 * 1024,
  loginTimeoutNanos: 15 * SECOND,
  requestTimeoutNanos: 10 * SECOND,
  commandTimeoutNanos: 30 * SECOND,
  pingAfterNanos: 10 * SECOND,
  pingTimeoutNanos: 10 * SECOND,
  recoveryNanos: 120 * SECOND,
  backOffNanos: 500 * MILLISECOND,
  backOffMaxNanos: 20 * SECOND,
  replays: 8,
  busyRetries: 8,
  busyDelayNanos: 10 * MILLISECOND,
  redirects: 8,
  headerDigest: ['None', 'CRC32C'],
  dataDigest: ['None', 'CRC32C'],
  initialR2T: false,
  immediateData: true,
  maxReceiveDataSegmentBytes: 262144,
  maxBurstBytes: 1048576,
  firstBurstBytes: 262144,
  maxOutstandingR2T: 8,
  maxConnections: 1,
  errorRecoveryLevel: 0,
  resendNanos: SECOND,
  resends: 5,
  time2WaitSeconds: 0,
  time2RetainSeconds: 0,
};

/** What the limits mean at login. */
export const initiatorOffer = (limits: InitiatorLimits): Offer => ({
  ...limits,
  // RFC 7143 §13.14: it must not exceed MaxBurstLength. istgt for one drops who offers it.
  firstBurstBytes: Math.min(limits.firstBurstBytes, limits.maxBurstBytes),
});
